# SPDX-License-Identifier: Apache-2.0
"""Error pages: what happened, in plain words, what to do now, and the request's number. Nothing internal.

A site names them in its `urls.py` (`handler404 = "privity.web.operating.failing.not_found"` and so on) and in the
setting `CSRF_FAILURE_VIEW`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from privity.errors import ConflictError, UnavailableError
from privity.web.operating.logs import LOGGER, NUMBER

RETRY: Final = 5
"""Seconds after which a ledger that does not answer is worth another try."""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that a request cannot be understood."""
    del exception
    return failed(
        request,
        400,
        _("This request cannot be understood"),
        _("Your browser sent something that this site does not take. Nothing was changed."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that somebody may not do this."""
    del exception
    return failed(
        request, 403, _("This is not yours to do"), _("It was not done. Nothing was changed.")
    )


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form was not one that this site gave to whoever sent it."""
    del reason
    return failed(
        request,
        403,
        _("This form is too old"),
        _(
            "It was not sent from a page that is still open to you. Go back, load it again, and send it once more."
        ),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that there is nothing here, or nothing that is whoever asks's to see."""
    del exception
    return failed(
        request,
        404,
        _("There is nothing here"),
        _("The page does not exist, was taken away, or is not yours to see."),
    )


def broken(request: HttpRequest) -> HttpResponse:
    """Say that it is our fault."""
    return failed(
        request,
        500,
        _("Something went wrong here"),
        _(
            "It is our fault, and it is written down. If it happens again, tell us the number below."
        ),
    )


def too_fast(request: HttpRequest, *, wait: int) -> HttpResponse:
    """Say that somebody sends more than a person writes."""
    answer = failed(
        request,
        429,
        _("That was too much at once"),
        _("What you sent last was not taken. Wait a minute, and send it again."),
    )
    answer.headers["Retry-After"] = str(wait)
    return answer


def unavailable(request: HttpRequest) -> HttpResponse:
    """Say that the ledger does not answer: without it nothing is shown that may have changed."""
    answer = failed(
        request,
        503,
        _("The ledger does not answer"),
        _(
            "Without it we do not show what may be outdated. Try again in a moment; what you send twice counts once."
        ),
    )
    answer.headers["Retry-After"] = str(RETRY)
    return answer


def failed(request: HttpRequest, status: int, heading: str, text: str) -> HttpResponse:
    """Give an error page. It asks no table and no ledger, for these may be what failed."""
    page = render_to_string(
        "privity/failed.html",
        {"heading": heading, "text": text, "number": getattr(request, NUMBER, None)},
    )
    answer = HttpResponse(page, status=status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def form_only(request: HttpRequest, *, allowed: str) -> HttpResponse:
    """Say that nothing is shown here: it is where a form is sent to, or only to be read."""
    answer = failed(
        request,
        405,
        _("This is no page"),
        _(
            "Buttons on other pages lead here. If you were asked to log in first, press yours again."
        ),
    )
    answer.headers["Allow"] = allowed
    return answer


class FailMiddleware:
    """Gives a page of its own where the ledger does not answer, and where an address shows none.

    Args:
        answer: What answers the request.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        answer = self._answer(request)
        if isinstance(answer, HttpResponseNotAllowed):
            return form_only(request, allowed=answer.headers["Allow"])
        return answer

    def process_exception(self, request: HttpRequest, error: Exception) -> Any:
        """Give the page; what else is raised is for Django."""
        if not isinstance(error, ConflictError | UnavailableError):
            return None
        LOGGER.log(
            logging.ERROR,
            "ledger",
            exc_info=error,
            extra={"request": getattr(request, NUMBER, None)},
        )
        return unavailable(request)
