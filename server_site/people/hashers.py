from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class OwaspArgon2Hasher(Argon2PasswordHasher):
    """Argon2id at OWASP's minimum: a few hundredths of a CPU second, 19 MiB.

    https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
    """

    memory_cost = 19_456  # KiB
    time_cost = 2
    parallelism = 1
