"""Projects as people have them, before and after the two-line change.

Each way to use stock's classes is run with stock first, where it must work, and then with the kit.
"""
