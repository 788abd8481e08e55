"""How the client reaches the server without the browser."""
