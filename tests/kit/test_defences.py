"""A defence is on, unless a lab says otherwise by its right name."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from sso_kit import defences
from sso_kit.defences import Defence


@pytest.mark.parametrize("defence", Defence)
def test_all_are_on_by_default(defence: Defence) -> None:
    assert defences.on(defence)


@pytest.mark.parametrize("defence", Defence)
def test_a_lab_can_switch_one_off_and_the_others_stay_on(
    settings: Settings, defence: Defence
) -> None:
    settings.SSO_KIT = {"LAB_MODE": True, "DEFENCES_OFF": [defence.value]}

    assert {other for other in Defence if not defences.on(other)} == {defence}


@pytest.mark.parametrize("lab_mode", [False])
def test_outside_lab_mode_the_setting_is_refused(settings: Settings, lab_mode: object) -> None:
    settings.SSO_KIT = {"LAB_MODE": lab_mode, "DEFENCES_OFF": ["freshness"]}

    for defence in Defence:
        with pytest.raises(ImproperlyConfigured, match="outside lab mode"):
            defences.on(defence)


def test_an_unknown_name_is_refused_rather_than_ignored(settings: Settings) -> None:
    settings.SSO_KIT = {"LAB_MODE": True, "DEFENCES_OFF": ["freshness", "freshnes"]}

    with pytest.raises(ImproperlyConfigured, match="names no defence: freshnes"):
        defences.on(Defence.FRESHNESS)


def test_an_empty_list_is_fine_anywhere(settings: Settings) -> None:
    settings.SSO_KIT = {"DEFENCES_OFF": []}

    assert defences.on(Defence.FRESHNESS)
    assert defences.refused_setting() is None
