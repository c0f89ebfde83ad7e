# SPDX-License-Identifier: Apache-2.0
"""The pages of what may be used now: by category and recipient, and one record explained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from privity.decide.explain.member import MemberView, Stretch, Use
from privity.decide.explain.show import by_recipients, grouped
from privity.errors import InputError
from privity.vocabulary.terms import CATEGORIES
from privity.web.desk import ask
from privity.web.yours.asking import Page, for_member

PAGE: Final = 10
"""How many records a page lists."""
PRIVATE: Final = "private-message"
"""What everybody in it is asked about."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownUse:
    """What is so for some categories.

    Attributes:
        categories: Which.
        now: Whether what is written now may be used.
        some: Whether anything may be used.
        obligations: What a recipient must do with it.
        asks_others: Whether others are asked besides: these are private messages.
        stretches: What is so for what was made when, the newest first.
    """

    categories: tuple[str, ...]
    now: bool
    some: bool
    obligations: tuple[str, ...]
    asks_others: bool
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownRecipients:
    """What is so for recipients of which the same is to be said.

    Attributes:
        who: They, in words.
        uses: What each of them may use.
    """

    who: str
    uses: tuple[ShownUse, ...]


@require_safe
@for_member
def yours(page: Page) -> HttpResponse:
    """Show a member what of hers may be used now, by whom and since when, and why the rest not."""
    view = ask(lambda workspace: workspace.view(page.member, purpose=page.purpose))
    return render(
        page.request,
        "privity/yours.html",
        {
            "view": view,
            "recipients": list(_recipients(view)),
            "switch": page.said.setting or "privity:take-back",
            "has_records": page.said.records is not None and page.said.record is not None,
        },
    )


@require_safe
@for_member
def records(page: Page) -> HttpResponse:
    """List what she wrote and got, so that she can ask about one."""
    given, some_of = page.said.records, page.said.record
    if given is None or some_of is None:
        raise Http404
    listed = Paginator(given(page.request), PAGE).get_page(page.request.GET.get("page"))
    wanted = [str(one) for one in listed]
    found = _by_id(some_of(page.request, wanted))
    return render(
        page.request,
        "privity/yours/records.html",
        {"page": listed, "records": [found[one] for one in wanted if one in found]},
    )


@require_safe
@for_member
def record(page: Page, number: str) -> HttpResponse:
    """Explain one record to one of its parties."""
    some_of = page.said.record
    found = {} if some_of is None else _by_id(some_of(page.request, [number]))
    mine = found.pop(number, None)
    if mine is None:
        raise Http404
    quoted = list(found.values())
    try:
        told = ask(
            lambda workspace: workspace.explain(
                mine, page.member, purpose=page.purpose, records=quoted
            )
        )
    except InputError as error:
        # Whose it is not learns no more than that there is nothing for her.
        raise Http404 from error
    shown = {"it": told, "view": page, "text": mine.get("text")}
    return render(page.request, "privity/yours/record.html", shown)


def _by_id(found: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {str(one["record_id"]): one for one in found}


def _recipients(view: MemberView) -> Iterator[ShownRecipients]:
    for who, uses in by_recipients(view.uses):
        yield ShownRecipients(who=who, uses=tuple(_uses(uses)))


def _uses(uses: Sequence[Use]) -> Iterator[ShownUse]:
    private = [one for one in uses if CATEGORIES.contains(PRIVATE, one.category)]
    for some in ([one for one in uses if one not in private], private):
        for alike in grouped(some):
            use = alike[0]
            # That nothing can have been agreed before the member joined goes without saying.
            shown = [one for one in use.stretches if one.start is not None]
            yield ShownUse(
                categories=tuple(one.category for one in alike),
                now=use.stretches[-1].permit,
                some=bool(use.permitted),
                obligations=use.obligations,
                asks_others=some is private,
                stretches=tuple(reversed(shown or use.stretches)),
            )
