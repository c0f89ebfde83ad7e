# SPDX-License-Identifier: Apache-2.0
"""How passwords are hashed: as OWASP's cheat sheet has it for Argon2id, 19 MiB, two passes, one lane.

Anybody can have a password hashed by trying to log in. A hash of 100 MiB, which is Django's choice, lets eight requests
at once take 800 MiB from everybody else.
"""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class Hasher(Argon2PasswordHasher):
    """Argon2id at a price that a server can pay for whoever comes."""

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1
