# SPDX-License-Identifier: Apache-2.0
"""The page of releases and models that have something of a member's."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from privity.web.desk import ask
from privity.web.yours.asking import Page, for_member


@require_safe
@for_member
def releases(page: Page) -> HttpResponse:
    """Show every release that has, or had, records of hers, who got it, and what was trained on it."""
    given = page.said.records
    ids = () if given is None else given(page.request)
    found = ask(lambda workspace: workspace.releases(page.member, records=ids))
    return render(
        page.request,
        "privity/yours/releases.html",
        {"releases": found, "told_of_records": given is not None},
    )
