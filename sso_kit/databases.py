"""Which database a model's rows are in: a router may give it one that isn't the default."""

from __future__ import annotations

from typing import Any

from django.db import models, router, transaction


def alias(model: type[models.Model]) -> str:
    """Where its rows are written."""
    return router.db_for_write(model)


def atomic(model: type[models.Model]) -> Any:
    """``transaction.atomic`` there; the default's would be about another database."""
    return transaction.atomic(using=alias(model))


def written(model: type[models.Model]) -> Any:
    """Its rows there: a copy that is read from may be late.

    Whom the model's default manager hides, isn't there.
    """
    return model._default_manager.using(alias(model))
