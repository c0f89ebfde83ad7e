# SPDX-License-Identifier: Apache-2.0
"""Answer with a page that everybody may read, and say shortly that it is the same as before.

Privity's own words hang on a few digests, and the frame round them on the cookies of whoever asks, the language, and the code
that runs. So a page is made again where one of these is another, and is otherwise not sent twice.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.crypto import salted_hmac

from privity.web.configured import configured

_RUNS: Final = secrets.token_hex(8)
"""Other code and other templates run in another process."""


def answer(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, rests_on: Iterable[str]
) -> HttpResponse:
    """Give a page, or that it is unchanged.

    Args:
        request: Who asks, for which page.
        template: The page's template.
        context: What it shows.
        rests_on: What all of that hangs on: while these texts are the same, it is.
    """
    clock = configured().clock
    hangs_on = [
        _RUNS,
        request.get_full_path(),
        translation.get_language() or "",
        timezone.get_current_timezone_name(),
        *(f"{name}={value}" for name, value in sorted(request.COOKIES.items())),
        # A clock that was set may stand on the page.
        "" if clock is None else str(clock()),
        *rests_on,
    ]
    digest = salted_hmac(__name__, "\0".join(hangs_on), algorithm="sha256").hexdigest()
    etag = f'W/"{digest}"'
    found = get_conditional_response(request, etag=etag)
    if found is None:
        found = render(request, template, dict(context))
    found.headers["ETag"] = etag
    patch_cache_control(found, private=True, no_cache=True)
    return found
