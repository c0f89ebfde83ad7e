# SPDX-License-Identifier: Apache-2.0
"""The pages."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from privity.web.configured import configured
from privity.web.desk import ask


@require_safe
@never_cache
def yours(request: HttpRequest) -> HttpResponse:
    """Show a member which records may be used now, by whom, and why not."""
    said = configured()
    member = said.who(request)
    if member is None:
        return redirect(settings.LOGIN_URL)
    view = ask(lambda workspace: workspace.view(member, purpose=said.purpose))
    return render(request, "privity/yours.html", {"view": view})
