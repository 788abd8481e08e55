"""Tells people in time that their session is about to end, and keeps what they were writing.

    INSTALLED_APPS = [..., "sso_kit.contrib.staying"]

and before the end of the body in a base template ``{% load staying %}{% staying %}``. A page works
without its script all the same; the limits are the server's.
"""
