"""The hand-tuned statements of the few reads and writes that every hand-shake makes.

Django takes about ten times as long to build such a query as SQLite takes to run it
(docs/performance.md has the figures). Each statement here is equal to what the ORM does, for
every kind of key and user model, on SQLite and PostgreSQL: ``tests/store`` compares them.
Everything that isn't on that path uses the ORM, and no SQL is written anywhere else.
What these write sends no ``post_save``.

* ``rows``: from a statement to model instances
* ``people``: a person with their groups
* ``server``: policies and access tokens
* ``client``: accounts
* ``sessions``: Django's session table
"""
