# SPDX-License-Identifier: Apache-2.0
"""Where one can go from every page, and to which of it the page belongs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_SECTIONS: Final[Mapping[str, tuple[str | Promise, frozenset[str]]]] = {
    "home": (_("Home"), frozenset({"write-article", "record", "quote", "edit"})),
    "people": (_("People"), frozenset({"person"})),
    "inbox": (_("Messages"), frozenset({"talk", "forward"})),
    "person": (_("You"), frozenset({"profile"})),
    "privity:yours": (
        _("Your data and AI"),
        frozenset(
            f"privity:{name}"
            for name in ("records", "record", "releases", "receipts", "receipt", "check")
        ),
    ),
    "account": (_("Account"), frozenset({"setting", "premium", "password", "close-account"})),
}
"""By the name of a first page: what is on the way to it, and the names of the pages behind it."""


@dataclass(frozen=True)
class Place:
    """Somewhere to go.

    Attributes:
        label: What it is called.
        address: Where it is.
        current: What `aria-current` says of it: it is the page that is shown, or that page is behind it, or neither.
    """

    label: str | Promise
    address: str
    current: Literal["page", "true", ""]


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Give a page where somebody who is logged in can go; who she is, is asked only where that is shown."""
    return {"navigation": partial(_places, request)}


def _places(request: HttpRequest) -> list[Place]:
    match = request.resolver_match
    here = match.view_name if match else ""
    addresses = {
        first: reverse(first, args=(request.user.pk,) if first == "person" else ())
        for first in _SECTIONS
    }
    is_first = request.path in addresses.values()
    return [
        Place(
            label,
            addresses[first],
            "page"
            if request.path == addresses[first]
            else "true"
            if here in behind and not is_first
            else "",
        )
        for first, (label, behind) in _SECTIONS.items()
    ]
