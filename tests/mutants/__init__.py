"""Untrue sentences: for each that docs/protocol.md says of the kit, code that breaks it.

    make mutants                 all of them
    python -m tests.mutants wire those whose id begins with wire

A mutant is one small change of ``sso_kit``; its tests must then fail. One that passes all
tests of the kit is a survivor: a sentence that no test holds. The lists are the ``*.toml``
beside this file, by module. ``prose.toml`` has the sentences that no change of code could
make untrue, with reasons; ``test_catalogue.py`` sees that every other one has its mutant.
"""
