"""Watch a hand-shake happen, every message of it.

    shelf.py         reads what the sites and nginx have written down
    records.py       one line of it, looked at closely: what isn't in order is dropped
    book.py          which records belong together: one hand-shake, one log-out, ...
    judgement.py     what became of it, and what is remarkable
    diagram.py       its lanes, arrows and notes
    explanations.py  why each step exists, and what would go wrong without it
    comparing.py     two side by side
    exports.py       Mermaid, JSON, HAR
    views.py         the pages

What is drawn is what was told: nothing here knows how a hand-shake ought to go.
"""
