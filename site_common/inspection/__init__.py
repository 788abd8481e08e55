"""Tells the desk what happens at this site, step by step: what the inspector draws.

    telling.py     collects the steps that ``sso_kit.events`` tells, request by request
    spool.py       where that is written down, without ever waiting
    middleware.py  the request around the steps
    links.py       "how did I get in?": addresses at the desk

In lab mode only. Nothing secret is told: of tokens, keys and ids the beginning (``sso_kit.shown``).
"""
