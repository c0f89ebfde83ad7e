# SPDX-License-Identifier: Apache-2.0
"""Limits: how fast one person may ask for pages, and post. Beyond that a page says to wait, and nothing was taken.

Whoever is logged in is counted by her account, everybody else by the address that she comes from. The counts live in
this process, which is the only one that serves; when it starts again they begin anew.
"""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from privity.web.configured import configured
from privity.web.operating.failing import too_fast
from privity.web.operating.figures import LIMITED

POSTS_A_MINUTE: Final = 60
"""How many, where the site's `PRIVITY_POSTS_A_MINUTE` says nothing."""
REQUESTS_A_MINUTE: Final = 600
"""How many of any kind, where the site's `PRIVITY_REQUESTS_A_MINUTE` says nothing."""
_MOST: Final = 10_000
"""Of so many people the newest counts are kept: memory has an end, whoever comes."""
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_NETWORK: Final = 64
"""One person has all addresses below so many bits of IPv6."""


class Allowance:
    """How much each has left: it fills up as time goes by, and holds a minute's worth.

    Args:
        a_minute: How much one gets in a minute.
        clock: Gives seconds that only grow.
        most: How many are kept.
    """

    def __init__(
        self, a_minute: int, clock: Callable[[], float] = time.monotonic, most: int = _MOST
    ) -> None:
        self._rate = a_minute / 60
        self._full = float(a_minute)
        self._clock = clock
        self._most = most
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, who: Hashable) -> float:
        """Take one.

        Returns:
            Seconds to wait until there is one again; 0 where one was taken.
        """
        with self._lock:
            now = self._clock()
            left, seen = self._left.pop(who, (self._full, now))
            left = min(self._full, left + (now - seen) * self._rate)
            taken = left >= 1
            self._left[who] = (left - 1 if taken else left, now)
            if len(self._left) > self._most:
                self._left.popitem(last=False)
        return 0.0 if taken else (1 - left) / self._rate

    def __len__(self) -> int:
        """Give how many are known."""
        return len(self._left)


class LimitMiddleware:
    """Refuses what comes too fast; stands behind the middleware that knows who is logged in.

    Args:
        answer: What answers the request.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer
        self._who = configured().who
        self._requests = Allowance(
            getattr(settings, "PRIVITY_REQUESTS_A_MINUTE", REQUESTS_A_MINUTE)
        )
        self._posts = Allowance(getattr(settings, "PRIVITY_POSTS_A_MINUTE", POSTS_A_MINUTE))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        member = self._who(request)
        person = _place_of(request) if member is None else member
        wait = self._requests.take(person)
        if not wait and request.method not in _SAFE:
            wait = self._posts.take(person)
        if wait:
            LIMITED.inc()
            return too_fast(request, wait=math.ceil(wait))
        return self._answer(request)


def _place_of(request: HttpRequest) -> str:
    """Give where a request comes from: an address, or the network that one person has."""
    said = request.META.get("REMOTE_ADDR", "")
    try:
        address = ipaddress.ip_address(said)
    except ValueError:
        return "nowhere"
    if address.version == 4:  # noqa: PLR2004 - the version of the protocol
        return str(address)
    return str(ipaddress.ip_network((address, _NETWORK), strict=False))
