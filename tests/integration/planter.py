# SPDX-License-Identifier: Apache-2.0
"""Make a workspace in which violations are planted, day by day, as an unfaithful platform would have come to it.

Everybody in the crowd agreed, or was told and silent, and their records make up nearly all of each release. Strangers are
dealt among them; what an entry alone says wrongly is said of releases by their numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
from tests.integration.damages import DAMAGES, OF_NONE
from tests.integration.planted import (
    HONEST,
    VIOLATIONS,
    Expected,
    Planting,
    Said,
    Stranger,
    Use,
)
from tests.integration.planted_rows import (
    DAY,
    LATE,
    OTHER_ACCOUNT,
    START,
    Crowd,
    day,
    facts_of,
    rows_of,
)
from tests.integration.unfaithful import hand_over_anyway, release_anyway
from tests.integration.workspaces import SETTINGS, put_policy

from privity.app.releases.state.states import ReleaseState
from privity.app.workspace.baseline_recording import record_baseline
from privity.app.workspace.founding import found_workspace
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import Private, publish_now, record
from privity.canonical.instants import Instant, format_instant
from privity.config.workspace import Claims
from privity.entries.disclosure import FailedDisclosure
from privity.entries.fact import FactEntry
from privity.entries.model import ModelEntry
from privity.entries.order import OrderEntry
from privity.entries.recipient import RecipientEntry
from privity.entries.revocation import DueRevocation
from privity.entries.run import RunStart
from privity.testing.plain import NOTICE, POLICY, SETTING, switch

POLICY_NAME: Final = "genai-training"
RECIPIENTS: Final = {"self": "controller", "lab": "third-party", "parent": "affiliate"}
ORDERED, KNOWN, REWRITTEN, FIRST, APART = 40, 45, 119, 121, 4
"""On which day what happens; releases are made every `APART` days."""
STRANGERS: Final = 10_000_000
"""Members from here on are of no crowd: each has one record."""
FIRST_ONES: Final = 8
"""So many releases are handed over and read as often as can be; of later ones, of which there may be many, only what is planted."""
DATED_BACK: Final = 2
"""So many versions are dated back before releases are made; the rest when all is over."""
OF_A_RELEASE: Final = 1_000_000
"""The ids of a release's records begin at a multiple of it; the strangers' come first."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much is planted.

    Attributes:
        releases: How many releases.
        records: How many records of the crowd each of them has.
        crowd: How many members the crowd has.
        violations: How many records are used that may not be, in all.
        honest: How many look like it, in all.
        each: How many violations of each kind that an entry says.
        damaged: How many releases of which something is not there, or something else is.
        rows_a_file: After how many rows a file of a release ends.
    """

    releases: int
    records: int
    crowd: int
    violations: int
    honest: int
    each: int
    damaged: int
    rows_a_file: int | None = None


SMALL: Final = Size(
    releases=8,
    records=300,
    crowd=200,
    violations=2 * len(VIOLATIONS),
    honest=2 * len(HONEST),
    each=2,
    damaged=14,
    rows_a_file=128,
)


def plant(
    root: Path, size: Size = SMALL, *, attested: Claims = "accept", seed: int = 1
) -> Planting:
    """Make a workspace with violations.

    Args:
        root: Its folder, which is made.
        size: How much.
        attested: Whether what was known before the ledger is believed, or can only restrict.
        seed: Same seed, same records and members.
    """
    found_workspace(root, replace(SETTINGS, attested=attested), now=START)
    with open_workspace(root, now=START) as workspace:
        planter = _Planter(workspace, size, Random(seed))
        planter.prepare()
        for number in range(size.releases):
            planter.release(number)
        planter.end()
        planter.publish()
    planter.damage()
    return planter.made


class _Planter:
    """Goes on from day to day."""

    def __init__(self, workspace: Workspace, size: Size, random: Random) -> None:
        self.made = Planting(root=workspace.places.root)
        self._now = START
        self._size = size
        self._crowd = Crowd(size.crowd, random)
        self._workspace = replace(workspace, now=lambda: self._now)
        self._strangers: list[dict[int, Stranger]] = [{} for _ in range(size.releases)]
        self._version = ""
        self._deal(VIOLATIONS, size.violations)
        self._deal(HONEST, size.honest)

    def _deal(self, kinds: Mapping[str, Stranger], count: int) -> None:
        """Give each release its strangers, one kind after the other."""
        places = cycle(range(self._size.releases))
        for one in islice(cycle(kinds.values()), count):
            place = next(place for place in places if one.to in {None, _recipient(place)})
            member = STRANGERS + sum(map(len, self._strangers))
            before = next(reversed(self._strangers[place].values()), None)
            self._strangers[place][member] = one.after_one(before) if one.quotes else one

    def prepare(self) -> None:
        """Say everything that is said before the first release."""
        self._now = day(1)
        record(
            self._workspace,
            [
                RecipientEntry(action="added", id=name, at=self._now, role=role)
                for name, role in RECIPIENTS.items()
            ],
        )
        self._now = day(2)
        self._publish("2024-01-03", self._now)
        self._now = day(ORDERED)
        stops = [
            OrderEntry(
                action="issued", id=f"stop-{place}", at=self._now, jurisdictions=(place,)
            )
            for place in ("HK", "BR")
        ]
        record(self._workspace, stops)
        self._now = day(ORDERED + 1)
        record(self._workspace, [OrderEntry(action="lifted", id="stop-BR", at=self._now)])
        self._now = day(KNOWN)
        path = self.made.root / "state" / "facts.parquet"
        pq.write_table(facts_of(self._crowd, self._strangers), path)
        record_baseline(self._workspace, path, claimed_by="network")
        path.unlink()
        self._now = day(LATE)
        self._tell(lambda one: one.late, self._strangers)
        # It says that it took effect long ago, and opens what nobody was told of since.
        self._now = day(REWRITTEN)
        self._publish_back("with-ai-input", day(LATE - 10))

    def release(self, number: int) -> None:
        """Make a release with what is planted in it, and hand it over."""
        begins, strangers = FIRST + APART * number, self._strangers[number]
        self._now = day(begins - 1)
        # It will say that it heeded nothing of what is told now.
        size = self._workspace.store.head().size if number % 2 else None
        self._tell(lambda one: one.said, [strangers])
        self._merge(strangers)
        self._publish_again(number)
        self._now = day(begins)
        name, first = f"r{number:02d}", _first(number)
        recipient = _recipient(number)
        rows = rows_of(self._crowd, strangers, self._size.records, recipient, first)
        expires = day(begins + 1.5) if self._is_expiring(number) else None
        state = self._release(name, rows, recipient, expires, size)
        self.made.rows += rows.num_rows
        self.made.strangers[name] = {
            first + place: one for place, one in enumerate(strangers.values())
        }
        self._use(state, state.created.index)
        self._now = day(begins + 0.5)
        if number < FIRST_ONES:
            self._let_go(number, state)
        self._now = day(begins + 1)
        self._tell(lambda one: one.after, [strangers])
        self._now = day(begins + 2)
        self._let_go_wrongly(number, state)
        if expires is None:
            self._take_back(number, state)

    def _let_go(self, number: int, state: ReleaseState) -> None:
        """Hand a release over as it should be, and have it read."""
        if number % APART == 3:
            # Its recipient has not acknowledged it yet, and reads it.
            entry = self._run(state, f"{state.name}-soon")
            if state.recipient == "lab":
                self._find("hand-over-without-acknowledgement", entry, state)
        self._hand_over(state, f"{state.name}-fine")
        self._run(state, f"{state.name}-run")
        # Nobody has to acknowledge what was not finished; nobody got it.
        failed = f"{state.name}-failed"
        hand_over_anyway(self._workspace, state, failed, acknowledged=False)
        record(self._workspace, [FailedDisclosure(disclosure=failed)])
        if number % APART == 2:
            entry = self._hand_over(state, f"{state.name}-other", recipient="parent")
            self._find("used-without-authority", entry, state)

    def _let_go_wrongly(self, number: int, state: ReleaseState) -> None:
        """Hand a release over that has ended, or without any answer."""
        name = state.name
        if self._is_expiring(number):
            late = (
                self._run(state, f"{name}-late", later=True)
                if number % 2 and number < FIRST_ONES
                else self._hand_over(state, f"{name}-late", later=True)
            )
            self._find("expired-certificate", late, state)
        elif self._is_last(number):
            entry = self._hand_over(state, f"{name}-silent", later=True, acknowledged=False)
            self._find("hand-over-without-acknowledgement", entry, state)

    def _take_back(self, number: int, state: ReleaseState) -> None:
        """Say that what may not be used is to go; of some releases nobody says it, of some nothing comes of it."""
        if number % APART == 1 and not self._is_last(number):
            self.made.overdue.append(state.name)
            return
        overdue = self._is_last(number)
        due = DueRevocation(
            revocation=f"{state.name}-back",
            release=state.name,
            revision=1,
            ledger_size=self._workspace.store.head().size,
            members=1,
            records=max(1, len(self.made.refused(state.name))),
            tags_root=bytes(32),
            deadline=self._now + (1 if overdue else 3_000) * DAY,
        )
        entry = record(self._workspace, [due]).first
        if overdue:
            self._find("revocation-overdue", entry, state)
        if number < FIRST_ONES and number % APART == 0:
            entry = self._hand_over(state, f"{state.name}-anyway", later=True)
            self._find("use-after-no", entry, state)

    def end(self) -> None:
        """Make what will be damaged, and say what cannot be; at last some of the crowd say no."""
        self._now = day(FIRST + APART * self._size.releases + 32)
        for number in range(self._size.damaged):
            first = _first(self._size.releases + number)
            rows = rows_of(self._crowd, {}, 3, "self", first)
            self._release(f"x{number:02d}", rows, "self")
        some = self.made.releases["r00"]
        never = replace(some.created.says, release="never")
        for number in range(self._size.each):
            run = RunStart(
                run=f"ghost-{number}",
                recipient="self",
                releases=((never.release, 1),),
                ledger_size=1,
                code=_digest("code"),
                config=_digest("configuration"),
            )
            entry = record(self._workspace, [run]).first
            self._find("bytes-without-entry", entry, None, release=never.release)
            model = ModelEntry(
                model=f"m{number}", run=f"no-run-{number}", sha256=_digest("model")
            )
            self._find("bytes-without-entry", record(self._workspace, [model]).first, None)
            again = replace(run, run="r00-run", releases=(("r00", 1),))
            entry = record(self._workspace, [again]).first
            self._find("entry-without-bytes", entry, None)
        self._now += DAY
        for number in range(DATED_BACK, self._size.each):
            self._publish_back(f"late-{number}", self._now - 100 * DAY)
        noes = {
            member: Stranger(after=(("setting", "off", {"setting": SETTING}),))
            for member in range(2, 40, 2)
        }
        self._tell(lambda one: one.after, [noes])

    def publish(self) -> None:
        """Publish the log."""
        publish_now(self._workspace)

    def damage(self) -> None:
        """Take away what there is an entry of, change it, and put beside it what there is none of."""
        for number, name in enumerate(f"x{one:02d}" for one in range(self._size.damaged)):
            kind, harm = DAMAGES[number % len(DAMAGES)]
            harm(self.made.root, name)
            of_none = harm in OF_NONE
            state = self.made.releases[name]
            self.made.alone.append(
                Expected(kind=kind)
                if of_none
                else Expected(kind=kind, entry=state.created.index, release=name)
            )

    def _merge(self, strangers: Mapping[int, Stranger]) -> None:
        """Have other accounts go into those of who has them."""
        entries = [
            Private(
                member=member + OTHER_ACCOUNT,
                says=FactEntry(
                    member=member + OTHER_ACCOUNT,
                    fact="merged",
                    value=str(member),
                    at=self._now,
                    detail={},
                ),
            )
            for member, one in strangers.items()
            if one.other
        ]
        if entries:
            record(self._workspace, entries)

    def _release(
        self,
        name: str,
        rows: pa.Table,
        recipient: str,
        expires: Instant | None = None,
        size: int | None = None,
    ) -> ReleaseState:
        state = release_anyway(
            self._workspace,
            rows,
            name,
            recipient,
            policy=(POLICY_NAME, self._version),
            expires_at=expires,
            size=size,
            rows_a_file=self._size.rows_a_file,
        )
        assert state.created.says.content.rows == rows.num_rows
        self.made.releases[name] = state
        return state

    def _hand_over(
        self,
        state: ReleaseState,
        name: str,
        *,
        later: bool = False,
        acknowledged: bool = True,
        recipient: str | None = None,
    ) -> int:
        entry = hand_over_anyway(
            self._workspace, state, name, acknowledged=acknowledged, recipient=recipient
        )
        return self._use(state, entry, later=later)

    def _run(self, state: ReleaseState, name: str, *, later: bool = False) -> int:
        said = RunStart(
            run=name,
            recipient=state.recipient,
            releases=((state.name, state.revision),),
            ledger_size=self._workspace.store.head().size,
            code=_digest("code"),
            config=_digest("configuration"),
        )
        return self._use(state, record(self._workspace, [said]).first, later=later)

    def _use(self, state: ReleaseState, entry: int, *, later: bool = False) -> int:
        self.made.uses.append(Use(release=state.name, entry=entry, later=later))
        return entry

    def _find(
        self, kind: str, entry: int, state: ReleaseState | None, release: str | None = None
    ) -> None:
        name = release if state is None else state.name
        self.made.alone.append(Expected(kind=kind, entry=entry, release=name))

    def _publish(self, version: str, effective_at: Instant, *, wider: bool = False) -> int:
        begins = format_instant(day(2))
        categories = [
            one
            for one in POLICY["settings"][SETTING]["categories"]
            if wider or one != "ai-input"
        ]
        self._version = version
        return put_policy(
            self._workspace,
            version=version,
            published_at=format_instant(self._now),
            effective_at=format_instant(effective_at),
            settings=switch(live_from=begins, categories=categories),
            notices={NOTICE: {"effective_at": begins}},
        ).first

    def _publish_back(self, version: str, effective_at: Instant) -> None:
        entry = self._publish(version, effective_at, wider=True)
        self.made.alone.append(Expected(kind="back-dated-policy", entry=entry))

    def _publish_again(self, number: int) -> None:
        """Publish the same text under another name: dated back, or not."""
        version = f"again-{number}"
        if number < DATED_BACK:
            self._publish_back(version, self._now - 10 * DAY)
        elif number < FIRST_ONES:
            self._publish(version, self._now, wider=True)

    def _is_expiring(self, number: int) -> bool:
        return number < self._size.each

    def _is_last(self, number: int) -> bool:
        return number >= self._size.releases - self._size.each

    def _tell(
        self,
        part: Callable[[Stranger], Iterable[Said]],
        strangers: Iterable[Mapping[int, Stranger]],
    ) -> None:
        """Enter what members say now, each in its own stream."""
        entries = [
            Private(
                member=member,
                says=FactEntry(
                    member=member, fact=fact, value=value, at=self._now, detail=dict(detail)
                ),
            )
            for some in strangers
            for member, one in some.items()
            for fact, value, detail in part(one)
        ]
        if entries:
            record(self._workspace, entries)


def _recipient(number: int) -> str:
    """Give whom a release is for: each in turn."""
    return ("self", "lab")[number % 2]


def _first(number: int) -> int:
    """Give the first id of a release's records."""
    return (number + 1) * OF_A_RELEASE


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
