"""The floor: a hand-shake's requests with nothing in them. No database, no check, no safety."""
