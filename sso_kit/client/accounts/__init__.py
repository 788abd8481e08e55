"""From the server's word about a person to a local account."""
