"""Helpdesk: tickets and answers. A client of the identity server."""
