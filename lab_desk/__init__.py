"""The lab's own desk: what is running, who can sign in, things to try, and the inspector.

    desk/       the front page
    inspector/  what happens on the other sites, drawn

It holds no key and no session of theirs, and takes part in no hand-shake: it hears.
"""
