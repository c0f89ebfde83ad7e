# SPDX-License-Identifier: Apache-2.0
"""The pages of receipts: what a member said about a setting, and what the ledger has of her."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from privity.app.live import LiveWorkspace
from privity.canonical.encode import encode_pretty
from privity.decide.explain.consent import Consent
from privity.decide.explain.consent_dpv import (
    Answerable,
    missing_fields,
    receipt_of,
    record_id,
)
from privity.web.desk import ask
from privity.web.yours.asking import Page, for_member

JSON_LD = "application/ld+json"


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownReceipt:
    """A receipt as its page shows it.

    Attributes:
        consent: What she said.
        answerable: Who answers for the use.
        identifier: The record's.
        missing: What ISO/IEC TS 27560 asks for and nobody said.
    """

    consent: Consent
    answerable: Answerable
    identifier: str
    missing: tuple[str, ...]


@require_safe
@for_member
def receipts(page: Page) -> HttpResponse:
    """List what she said, setting by setting."""
    found, _answerable = _asked(page)
    return render(page.request, "privity/yours/receipts.html", {"consents": found})


@require_safe
@for_member
def receipt(page: Page, setting: str) -> HttpResponse:
    """Show what she said about one setting."""
    consent, answerable = _one(page, setting)
    shown = ShownReceipt(
        consent=consent,
        answerable=answerable,
        identifier=str(record_id(consent, answerable)),
        missing=missing_fields(consent, answerable),
    )
    return render(page.request, "privity/yours/receipt.html", {"shown": shown})


@require_safe
@for_member
def receipt_file(page: Page, setting: str) -> HttpResponse:
    """Give what she said about one setting as JSON-LD."""
    consent, answerable = _one(page, setting)
    made = encode_pretty(receipt_of(consent, answerable))
    return _file(made.encode(), f"consent-{consent.setting.id}.jsonld", JSON_LD)


@require_safe
@for_member
def ledger_receipt(page: Page) -> HttpResponse:
    """Give her receipt of the ledger, which opens everything that was entered of her."""
    data = ask(lambda workspace: workspace.receipt(page.member))
    if data is None:
        told = _("Nothing was entered of you alone, so there is no such receipt.")
        messages.info(page.request, told, fail_silently=True)
        return redirect("privity:receipts")
    return _file(data, "receipt.json", "application/json")


def _file(data: bytes, name: str, kind: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type=kind, headers=headers)


def _one(page: Page, setting: str) -> tuple[Consent, Answerable]:
    found, answerable = _asked(page)
    for one in found:
        if one.setting.id == setting:
            return one, answerable
    raise Http404


def _asked(page: Page) -> tuple[tuple[Consent, ...], Answerable]:
    def question(workspace: LiveWorkspace) -> tuple[tuple[Consent, ...], str]:
        return workspace.consents(page.member, purpose=page.purpose), workspace.origin

    found, origin = ask(question)
    switch = reverse(page.said.setting or "privity:take-back")
    answerable = Answerable(
        origin=origin,
        exercised_at=page.request.build_absolute_uri(switch),
        language=settings.LANGUAGE_CODE,
        **page.said.controller,
    )
    return found, answerable
