"""How texts between the two sides are signed and read."""
