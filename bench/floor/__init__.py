"""The floor: a hand-shake's requests, through Django's default middleware, to empty views."""
