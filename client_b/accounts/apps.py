from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "client_b.accounts"
    label = "helpdesk_accounts"
    verbose_name = "Accounts of Helpdesk's own"
