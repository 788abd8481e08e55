"""The smallest single sign-on there is: one project, four environment variables.

``ROLE`` is ``server``, ``client``, or ``both`` in one; ``FLAVOUR`` is ``stock`` (the
library's own classes, set up as tutorials do), or ``kit`` (the same after the two-line
change). It is the control of every attack in ``tests/attacks`` and the stock subject of
``bench``.
"""
