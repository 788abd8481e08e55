"""How fast the hand-shake is, beside the stock library and beside what Django can do at best.

``python -m bench`` starts three subjects, each behind an nginx of its own, alternates
between them, and says which targets are met. ``python -m bench.report`` turns the figures
into ``docs/performance.md``.
"""
