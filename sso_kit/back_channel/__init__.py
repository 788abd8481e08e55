"""How app and server reach each other without the browser."""
