# SPDX-License-Identifier: Apache-2.0
"""What of one member's may be used, by whom, since when, and why not (docs/explain.md).

Decides as far as this member goes: whatever else a record names, another party's permission is needed
besides. What may be used depends on when it was made; that time falls into stretches, cut exactly where
an answer can change, and each stretch is asked once.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from operator import itemgetter

from privity.canonical.instants import EARLIEST, Instant
from privity.decide.case import Case, governing
from privity.decide.explain.alike import seen_by_rules
from privity.decide.explain.asking import Asking, ask
from privity.decide.explain.causes import Cause, MemberCause, told
from privity.decide.explain.reading import (
    cases_of,
    causes_in_all,
    party_causes_in_all,
    without_the_same,
)
from privity.decide.explain.record import ground_causes, request_causes
from privity.decide.grant import first_delivery, grant, of_age
from privity.decide.one import own_obligations
from privity.decide.platform import role_of
from privity.decide.remembered import remembered
from privity.decide.request import Record, Request, World
from privity.members.facts import Fact, MemberId
from privity.members.state import State, is_no
from privity.members.timeline import Timeline
from privity.vocabulary.places import changes
from privity.vocabulary.sentences import say
from privity.vocabulary.terms import CATEGORIES


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """What is so for whatever was made in one stretch of time.

    Attributes:
        start: The first instant in it, or None where it has no beginning.
        end: The first instant after it, or None where it goes on up to the time of use.
        causes: Why what was made in it may not be used; empty where it may.
    """

    start: Instant | None
    end: Instant | None
    causes: tuple[MemberCause, ...]

    @property
    def permit(self) -> bool:
        """Whether what was made in it may be used, as far as this member goes."""
        return not self.causes


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """What one recipient may use of one category.

    Attributes:
        recipient: An id of the register.
        role: Its role at the time of use, or None where it has two.
        category: A category of the vocabulary.
        stretches: All of time up to the time of use, oldest first.
        obligations: What the recipient must do with what it may use.
    """

    recipient: str
    role: str | None
    category: str
    stretches: tuple[Stretch, ...]
    obligations: tuple[str, ...]

    @property
    def permitted(self) -> tuple[tuple[Instant | None, Instant | None], ...]:
        """The stretches of making, half-open, from which content may be used."""
        return tuple((one.start, one.end) for one in self.stretches if one.permit)


@dataclass(frozen=True, kw_only=True, slots=True)
class Switch:
    """Where a member stands in one setting.

    Attributes:
        setting: The setting's id.
        label: What the member reads; the id where no known version has the setting.
        choice: The fact of the standing choice, or None where there is none.
        objection: The objection that stands against the setting, or None.
        in_force: Whether the version in force has the setting.
    """

    setting: str
    label: str
    choice: Fact | None
    objection: Fact | None
    in_force: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberView:
    """What of a member's may be used.

    Attributes:
        member: Whose view it is.
        purpose: The use that is asked about.
        at: When the data would be used.
        known: Up to which `recorded_at` anything is believed.
        version: The name of the policy version in force, or None.
        state: What the member's facts come to at `at`.
        switches: Every setting of the version in force, and every other with a no that stands.
        notices: The first delivery of each notice that still counts.
        uses: For each recipient of the register, each category.
    """

    member: MemberId
    purpose: str
    at: Instant
    known: Instant
    version: str | None
    state: State
    switches: tuple[Switch, ...]
    notices: tuple[Fact, ...]
    uses: tuple[Use, ...]


def explain_member(
    member: MemberId,
    *,
    purpose: str,
    at: Instant,
    known: Instant,
    world: World,
    categories: Iterable[str] | None = None,
    recipients: Iterable[str] | None = None,
) -> MemberView:
    """Say what of a member's may be used for a purpose, by whom and since when, and why the rest not.

    Args:
        member: Whose content is asked about; nothing need be known of them.
        purpose: What it would be used for.
        at: When it would be used.
        known: Up to which `recorded_at` anything is believed; the world's own.
        world: What is believed at `known`.
        categories: Which categories; left out, all that have none below them.
        recipients: Which recipients; left out, all on the register at `at`.
    """
    state = world.members.get(member, Timeline()).at(at)
    version = world.policy.in_force(at)
    world = remembered(without_the_same(world, at))
    asked = tuple(leaves() if categories is None else categories)
    named = tuple(registered(world.platform.at(at)) if recipients is None else recipients)
    roles = {
        one: tuple(role_of(one, each.platform.at(at)) for each in world.readings)
        for one in named
    }
    request = {
        one: Request(purpose=purpose, recipient=one, at=at, known=known) for one in named
    }
    seen = seen_by_rules(world, at)
    questions = {
        seen(category, roles[one]): (request[one], category)
        for one in named
        for category in asked
    }
    hers = _hers(member, questions, world)
    uses: list[Use] = []
    by_roles: dict[tuple[str | None, ...], list[Use]] = {}
    for one in named:
        # The rule knows a recipient by its role alone; one that has none is named in the answer.
        if roles[one] not in by_roles or None in roles[one]:
            by_roles[roles[one]] = [
                _use(member, request[one], category, world, hers[seen(category, roles[one])])
                for category in asked
            ]
        uses += [replace(use, recipient=one) for use in by_roles[roles[one]]]
    return MemberView(
        member=member,
        purpose=purpose,
        at=at,
        known=known,
        version=version.version if version is not None else None,
        state=state,
        switches=tuple(_switches(state, world, at)),
        notices=tuple(_notices(state)),
        uses=tuple(uses),
    )


def registered(platform: State) -> tuple[str, ...]:
    """Give the recipients on the register, in the order of their first entry."""
    latest = {fact.value: fact for fact in platform.all("recipient", "recipient-ended")}
    return tuple(value for value, fact in latest.items() if fact.fact == "recipient")


def leaves() -> tuple[str, ...]:
    """Give the categories that have none below them."""
    parents = set(CATEGORIES.parents.values())
    return tuple(term for term in CATEGORIES if term not in parents)


def _hers(
    member: MemberId, questions: Mapping[Hashable, tuple[Request, str]], world: World
) -> dict[Hashable, list[tuple[Instant | None, list[Cause]]]]:
    """Give for each question what the member refuses of whatever was made from an instant on, up to the next one."""
    # What lies before the first cut lies before everything that is known of the member.
    starts: list[tuple[Instant, Hashable]] = [(EARLIEST, key) for key in questions]
    for key, (request, category) in questions.items():
        cases = _cases(member, request, category, request.at, world)
        edges = {edge for one in cases for edge in cuts(*ask(one, member))}
        starts += [(edge, key) for edge in edges]
    found: dict[Hashable, list[tuple[Instant | None, list[Cause]]]] = {
        key: [] for key in questions
    }
    # One instant after the other: a state is asked by all questions before the next one is.
    for made, key in sorted(starts, key=itemgetter(0)):
        request, category = questions[key]
        asked = _cases(member, request, category, made, world)
        start = None if made == EARLIEST else made
        found[key].append((start, party_causes_in_all(asked, member)))
    return found


def _use(
    member: MemberId,
    request: Request,
    category: str,
    world: World,
    hers: Iterable[tuple[Instant | None, list[Cause]]],
) -> Use:
    cases = _cases(member, request, category, request.at, world)
    fixed = causes_in_all(cases, lambda one: [*request_causes(one), *ground_causes(one)])
    stretches: list[Stretch] = []
    for start, refused in hers:
        causes = told(fixed + refused)
        if stretches and stretches[-1].causes == causes:
            continue
        if stretches:
            last = stretches.pop()
            stretches.append(Stretch(start=last.start, end=start, causes=last.causes))
        stretches.append(Stretch(start=start, end=None, causes=causes))
    return Use(
        recipient=request.recipient,
        role=role_of(request.recipient, world.platform.at(request.at)),
        category=category,
        stretches=tuple(stretches),
        obligations=tuple(sorted(set().union(*map(own_obligations, cases)))),
    )


def _cases(
    member: MemberId, request: Request, category: str, made: Instant, world: World
) -> tuple[Case, ...]:
    """Make the cases of something of the member's, made at an instant."""
    record = Record(record_id="", category=category, created_at=made, author=member)
    return cases_of(record, request, world)


def cuts(asking: Asking, timeline: Timeline) -> tuple[Instant, ...]:
    """Give every instant of making, up to the time of use, at which an answer can change.

    Those are the instants of the member's facts, the starts of versions, the entries and exits of
    country groups, the birthdays on which a minimum age is reached, and where silence begins to count.
    """
    case, now = asking.case, asking.now
    found = {fact.at for fact in timeline.facts}
    for fact in timeline.facts:
        if fact.fact == "jurisdiction":
            found |= set(changes(fact.value))
    policy = case.world.policy
    found |= {version.start for version in policy.versions}
    found |= {edge for text in policy.texts for edge in (text.since, text.until)}
    for version in (*policy.versions, *(text.version for text in policy.texts)):
        found |= {of_age(setting, now) for setting in version.settings.values()}
    if case.asked is not None:
        for setting in governing(case):
            granted = grant(setting, case.asked, case.world.policy, now.codes, default=True)
            delivered = first_delivery(granted, now)
            if delivered is not None:
                found.add(max(granted.live, delivered.at + granted.window))
    return tuple(sorted(one for one in found if EARLIEST < one <= case.request.at))


def _switches(state: State, world: World, at: Instant) -> Iterator[Switch]:
    """Give where the member stands: today's settings first, then every other with a no."""
    version = world.policy.in_force(at)
    labels = {
        name: setting.label
        for one in world.policy.telling
        for name, setting in one.settings.items()
    }
    today = version.settings if version is not None else {}
    said = {fact.setting for fact in state.all("setting", "objection") if fact.setting}
    # No later yes takes back the no of a setting that nobody knows.
    strays = {
        one.setting: one for one in state.stray_noes(frozenset(labels)) if one.fact == "setting"
    }
    for name in (*today, *sorted(said - set(today))):
        choice, objection = strays.get(name, state.choice(name)), state.objection(name)
        if name in today or is_no(choice) or objection is not None:
            yield Switch(
                setting=name,
                label=say(labels[name]) if name in labels else name,
                choice=choice,
                objection=objection,
                in_force=name in today,
            )


def _notices(state: State) -> Iterator[Fact]:
    first: dict[str, Fact] = {}
    for fact in state.all("notice"):
        if state.after_reopening(fact):
            first.setdefault(fact.value, fact)
    yield from first.values()
