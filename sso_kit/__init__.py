"""django-simple-sso made correct and safe.

Change two imports and a stock project is a hardened one::

    from sso_kit.server import Server   # was: simple_sso.sso_server.server
    from sso_kit.client import Client   # was: simple_sso.sso_client.client

The wire format is in ``docs/protocol.md``, the attacks in ``docs/threat-model.md``.
"""

__version__ = "2.0.0"
