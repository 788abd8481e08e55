"""What `make VERB` does: one module a group of verbs."""
