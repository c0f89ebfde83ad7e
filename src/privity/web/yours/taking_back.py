# SPDX-License-Identifier: Apache-2.0
"""The page by which a member takes it back, where the platform has no page of its own for that."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from privity.app.live import LiveWorkspace
from privity.decide.explain.standing import SettingStanding
from privity.web.desk import ask
from privity.web.yours.asking import Page, for_member


@require_http_methods(["GET", "HEAD", "POST"])
@for_member
def take_back(page: Page) -> HttpResponse:
    """Ask whether she means it, and enter her no to every setting about the use."""
    if page.said.setting is not None:
        return redirect(page.said.setting)
    if page.request.method == "POST":
        ask(lambda workspace: _say_no(workspace, page))
        messages.success(page.request, _("Your no is entered."), fail_silently=True)
        return redirect("privity:yours")
    found = ask(lambda workspace: workspace.standings(page.member, purpose=page.purpose))
    return render(
        page.request,
        "privity/yours/take_back.html",
        {"settings": [one for one in found if not _is_no(one)], "said": found},
    )


def _say_no(workspace: LiveWorkspace, page: Page) -> None:
    for one in workspace.standings(page.member, purpose=page.purpose):
        # Whoever sends the page twice has said no once: the second time there is nothing to say.
        if not _is_no(one):
            detail = {"setting": one.setting, "method": "explicit"}
            workspace.record(page.member, "setting", "off", detail=detail)


def _is_no(one: SettingStanding) -> bool:
    return one.choice is not None and one.choice.value == "off"
