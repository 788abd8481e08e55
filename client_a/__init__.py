"""Notes: each person's private notes. A client of the identity server."""
