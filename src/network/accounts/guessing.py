# SPDX-License-Identifier: Apache-2.0
"""Who guesses passwords waits: counted by account and place, and by account alone where many places guess.

An account is counted by a digest of its address, however that is written; what was typed is not kept. A place is an
address, or the network of IPv6 that one person has.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any, Final

from axes.handlers.database import AxesDatabaseHandler
from django.contrib.auth import authenticate
from django.db.models import Sum
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from network.accounts.models import Account

FROM_ONE_PLACE: Final = 10
"""Failures after which a place waits for a quarter of an hour."""
FROM_EVERYWHERE: Final = 25
"""Failures of all places together after which an account waits: a hundred an hour (ASVS V2.2.1)."""
_NETWORK: Final = 64


class Guesses(AxesDatabaseHandler):  # type: ignore[misc]  # it has no types
    """Counts failures as axes does, and leaves more of them to all places together than to one."""

    def get_failures(
        self, request: HttpRequest, credentials: dict[str, Any] | None = None
    ) -> int:
        """Give how many count against whoever asks: `FROM_ONE_PLACE` is too many."""
        here, everywhere = (
            attempts.aggregate(said=Sum("failures_since_start"))["said"] or 0
            for attempts in self.get_user_attempts(request, credentials)
        )
        return int(max(here, everywhere - (FROM_EVERYWHERE - FROM_ONE_PLACE)))


def name_of(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """Give what an account is counted by: the same for every way to write its address."""
    said = (request.POST if credentials is None else credentials).get("username") or ""
    return salted_hmac(__name__, said.strip().lower(), algorithm="sha256").hexdigest()


def place_of(request: HttpRequest) -> str | None:
    """Give where a request comes from; no header that it brings along is believed."""
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return None
    if address.version == 4:  # noqa: PLR2004 - the version of the protocol
        return str(address)
    return str(ipaddress.ip_network((address, _NETWORK), strict=False).network_address)


def shows_it_is_hers(request: HttpRequest, account: Account, password: str) -> bool:
    """Tell whether a password is that of an account; who is logged in and guesses waits as well."""
    found = authenticate(request, username=account.email, password=password)
    return found is not None and found.pk == account.pk
