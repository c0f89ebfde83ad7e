# SPDX-License-Identifier: Apache-2.0
"""The pages by which a member checks it herself."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from privity.app.live import LiveWorkspace
from privity.errors import ConflictError
from privity.web.check.programs import VERIFIER, programs
from privity.web.desk import ask
from privity.web.public.files import ledger_address
from privity.web.yours.asking import Page, for_member

FILE: Final = "check.json"


@require_safe
@for_member
def check(page: Page) -> HttpResponse:
    """Show the verifier, what it would show and what not, and how to do without it."""
    shown = ask(lambda workspace: _shown(workspace, page))
    return render(
        page.request,
        "privity/check/check.html",
        shown,
    )


def _shown(workspace: LiveWorkspace, page: Page) -> dict[str, Any]:
    # Nobody is given a program that is not in the log: the first page enters it, and all others find it there.
    entered = [(one, workspace.program(one.name, one.data).first) for one in programs()]
    held = workspace.receipt(page.member) is not None
    return {
        "vkeys": workspace.vkeys(),
        "held": held,
        "programs": entered,
        "ledger": ledger_address(),
    }


@require_safe
@for_member
def check_file(page: Page) -> HttpResponse:
    """Give what she holds as a file, which is verified without anything else."""
    try:
        data = ask(lambda workspace: workspace.check_file(page.member))
    except ConflictError:
        # A release, or a taking back, is on its way: in a moment there is a proof again.
        return HttpResponse(
            _("Something is being published just now. Try again in a minute."),
            status=503,
            content_type="text/plain; charset=utf-8",
            headers={"Retry-After": "60"},
        )
    if data is None:
        raise Http404(_("Nothing was entered of you alone, so there is nothing to check yet."))
    return _file(data, FILE, "application/json")


@require_safe
@login_not_required
def verifier(request: HttpRequest) -> HttpResponse:
    """Give the verifier as one HTML file; everybody may have it."""
    del request
    (found,) = (one for one in programs() if one.name == VERIFIER)
    return _file(found.data, VERIFIER, "text/html; charset=utf-8")


def _file(data: bytes, name: str, kind: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type=kind, headers=headers)
