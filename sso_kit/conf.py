"""The kit's settings, all of them optional; most things are said to ``Client`` and ``Server``.

| setting | what | default |
| --- | --- | --- |
| ``SSO_KIT_LAB_MODE`` | a lab: defences may be switched off | ``False`` |
| ``SSO_KIT_DEFENCES_OFF`` | names of the defences that are off | ``[]`` |
| ``SSO_KIT_MANAGE`` | to run a command: ``commands`` | ``"python manage.py {arguments}"`` |
"""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings


def lab_mode() -> bool:
    return bool(getattr(settings, "SSO_KIT_LAB_MODE", False))


def defences_off() -> Collection[str]:
    """Names of ``defences.Defence`` members; ``defences.refused_setting`` judges them."""
    off: Collection[str] = getattr(settings, "SSO_KIT_DEFENCES_OFF", ())
    return off


def manage() -> str:
    how: str = getattr(settings, "SSO_KIT_MANAGE", "python manage.py {arguments}")
    return how
