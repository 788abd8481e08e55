"""The hand-tuned statements, each equal to what the ORM does (tests/kit/test_store.py)."""
