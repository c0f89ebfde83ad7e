# SPDX-License-Identifier: Apache-2.0
"""The pages that everybody may read; no log-in is asked for."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_safe

from privity.app.live import LiveWorkspace
from privity.app.publications import Publication
from privity.canonical.instants import Instant
from privity.policy.model import Version
from privity.policy.plain import sections_of
from privity.policy.questions import questions_of
from privity.policy.reworded import reworded
from privity.policy.show import periods_of
from privity.policy.versions import History
from privity.vocabulary.sentences import day
from privity.web.desk import ask
from privity.web.public.answering import answer
from privity.web.public.differing import told_of
from privity.web.public.files import ASK_AGAIN, ledger_address
from privity.web.saying import translated

_IN_FORCE: Final = "in-force"
_TO_COME: Final = "to-come"
_PAST: Final = "past"
_NEVER: Final = "never"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Listed:
    """A version, and when it is in force.

    Attributes:
        it: The version and its entry.
        state: Whether it is in force, is to come, is past, or never was.
        start: From when.
        until: Until when, or None.
    """

    it: Publication
    state: str
    start: Instant
    until: Instant | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Published:
    """What the log says of the policy now.

    Attributes:
        origin: The log's name.
        policy: The versions as decisions know them.
        rows: Every version that entered, the newest entry first.
        now: The instant.
    """

    origin: str
    policy: History
    rows: tuple[_Listed, ...]
    now: Instant

    @property
    def publications(self) -> tuple[Publication, ...]:
        """Every version that entered, in the order of the entries."""
        return tuple(one.it for one in reversed(self.rows))

    @property
    def rests_on(self) -> tuple[str, ...]:
        """What all of this hangs on."""
        texts = (f"{one.it.index} {one.it.sha256} {one.state} {one.until}" for one in self.rows)
        return (self.origin, *texts)

    def row(self, number: int) -> _Listed:
        """Give the version that entered by an entry.

        Raises:
            Http404: None did.
        """
        for one in self.rows:
            if one.it.index == number:
                return one
        raise Http404

    def readable(self, of: Publication) -> tuple[Version, History]:
        """Give a version, and the history that tells since when its settings are there."""
        for version in self.policy.versions:
            if version.version == of.version.version and version.source == of.version.source:
                return version, self.policy
        return of.version, History((of.version,))


@login_not_required
@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    """Show which versions there are: since when, by whom, and which is in force."""
    found = ask(_published)
    standing = next((one for one in found.rows if one.state == _IN_FORCE), None)
    return answer(
        request,
        "privity/public/policy.html",
        {"found": found, "standing": standing, "tree": ledger_address()},
        rests_on=found.rests_on,
    )


@login_not_required
@require_safe
def version(request: HttpRequest, number: int) -> HttpResponse:
    """Show what one version says, in words."""
    found = ask(_published)
    row = found.row(number)
    sections = tuple(sections_of(*found.readable(row.it)))
    return answer(
        request,
        "privity/public/version.html",
        {"row": row, "sections": sections, "tree": ledger_address()},
        rests_on=found.rests_on,
    )


@login_not_required
@require_safe
def changes(request: HttpRequest, number: int) -> HttpResponse:
    """Show what a version opened and closed, and which sentences came and went."""
    found = ask(_published)
    row = found.row(number)
    earlier = [one for one in found.publications if one.index < number]
    before = earlier[-1] if earlier else None
    words = (
        ()
        if before is None
        else reworded(
            sections_of(*found.readable(before)), sections_of(*found.readable(row.it))
        )
    )
    return answer(
        request,
        "privity/public/changes.html",
        {
            "row": row,
            "before": before,
            "told": told_of(found.publications, number),
            "words": words,
            "names": _names(row.it.version, before),
        },
        rests_on=found.rests_on,
    )


@login_not_required
@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    """Answer what members ask, from the version in force."""
    found = ask(_published)
    row = next((one for one in found.rows if one.state == _IN_FORCE), None)
    asked = () if row is None else questions_of(*found.readable(row.it))
    return answer(
        request,
        "privity/public/questions.html",
        {"row": row, "questions": asked},
        rests_on=found.rests_on,
    )


@login_not_required
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Show how the log is, and by what it is verified."""
    status = ask(lambda workspace: workspace.status())
    tree = ledger_address()
    return answer(
        request,
        "privity/public/log.html",
        {
            "status": status,
            "tree": tree,
            "address": None if tree is None else request.build_absolute_uri(tree),
        },
        rests_on=(
            str(status.size),
            str(status.published),
            str(status.newest),
            str(status.well),
            *status.signed_by,
        ),
    )


@login_not_required
@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """Give the versions as a feed, the newest first."""
    found = ask(_published)
    site = request.build_absolute_uri("/").rstrip("/")
    here = site + reverse("privity:feed")
    atom = Atom1Feed(
        title=_("Changes of the policy"),
        link=site + reverse("privity:policy"),
        description="",
        feed_url=here,
        feed_guid=_lasting(found.origin),
        language=get_language(),
    )
    for one in found.rows:
        page = site + reverse("privity:changes", args=[one.it.index])
        atom.add_item(
            title=_("Version %(name)s of policy %(policy)s")
            % {"name": one.it.version.version, "policy": one.it.version.policy},
            link=page,
            description=_summary(one),
            unique_id=_lasting(f"{found.origin}#{one.it.index}"),
            pubdate=_time(one.it.entered),
            updateddate=_time(one.it.entered),
            author_name=one.it.version.controller,
        )
    data = atom.writeString("utf-8").encode()
    etag = f'"{hashlib.sha256(data).hexdigest()}"'
    answered = get_conditional_response(request, etag=etag) or HttpResponse(
        data, content_type="application/atom+xml; charset=utf-8"
    )
    answered.headers["ETag"] = etag
    answered.headers["Cache-Control"] = ASK_AGAIN
    return answered


def _published(workspace: LiveWorkspace) -> _Published:
    now, known = workspace.now(), workspace.policy()
    periods = {one.version.source: one for one in periods_of(known)}
    standing = known.in_force(now)
    rows = []
    for one in reversed(workspace.publications()):
        period = periods.get(one.version.source)
        rows.append(
            _Listed(
                it=one,
                state=_state(period, standing, now),
                start=one.version.start if period is None else period.start,
                until=None if period is None else period.until,
            )
        )
    return _Published(origin=workspace.origin, policy=known, rows=tuple(rows), now=now)


def _state(period: Any, standing: Version | None, now: Instant) -> str:
    if period is None or period.until == period.start:
        return _NEVER
    if period.version is standing:
        return _IN_FORCE
    return _TO_COME if period.start > now else _PAST


def _names(now: Version, before: Publication | None) -> Mapping[str, str]:
    """Give what the names of settings stand for, as far as a page may use them."""
    versions: Sequence[Version] = (now,) if before is None else (before.version, now)
    return {name: one.label for version in versions for name, one in version.settings.items()}


def _summary(one: _Listed) -> str:
    # Whoever takes a feed in may show it to anybody, and an item is the same for all.
    with timezone.override(UTC):
        starts = translated(day(one.start))
    if one.it.by is None:
        return _("It takes effect on %(day)s.") % {"day": starts}
    return _(
        "It takes effect on %(day)s. That it was published before is attested by %(who)s."
    ) % {"day": starts, "who": one.it.by}


def _lasting(name: str) -> str:
    """Give an id that is the same wherever the feed is read, and for ever."""
    return uuid.uuid5(uuid.NAMESPACE_URL, name).urn


def _time(instant: Instant) -> datetime:
    return datetime.fromtimestamp(instant, UTC)
