# SPDX-License-Identifier: Apache-2.0
"""What is known of a model and of what it was made from, and its card for people: Markdown, the same for the same.

It says what the log says: that a model unlearnt something is never claimed, and that a run read what it says it read was seen
by nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from privity.canonical.instants import Instant, format_instant

_SHORT: Final = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenBack:
    """What was taken back, or is to be, from a release since a run read it.

    Attributes:
        revocation: Its name.
        at: When it was entered that it is due.
        members: How many members are concerned.
        records: How many records.
        done: When the operator's copy was without them, or None.
    """

    revocation: str
    at: Instant
    members: int
    records: int
    done: Instant | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadByRun:
    """A release as a run read it.

    Attributes:
        release: Its name.
        revision: Which one the run read.
        newest: Which one is the newest now.
        entry: The index of the entry that made it.
        purpose: What it may be used for.
        policy: The policy and its version, or None.
        records: How many records that revision had.
        members: Of how many members.
        taken_back: What was taken back since, in order.
        why_ended: Why the release has ended, or None.
    """

    release: str
    revision: int
    newest: int
    entry: int
    purpose: str
    policy: str | None
    records: int
    members: int
    taken_back: tuple[TakenBack, ...]
    why_ended: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Generation:
    """A model with the run that made it.

    Attributes:
        model: Its name.
        sha256: Of its file, in hexadecimal.
        entry: The index of its entry.
        run: The run.
        recipient: Who ran it.
        started: When it began.
        ended: When it ended, or None.
        how: How it ended, or None.
        batches: How many batches it consumed, or None.
        batches_root: The root over them in hexadecimal, or None.
        code: The SHA-256 of the code.
        config: The SHA-256 of the configuration.
        releases: What it read.
    """

    model: str
    sha256: str
    entry: int
    run: str
    recipient: str
    started: Instant
    ended: Instant | None
    how: str | None
    batches: int | None
    batches_root: str | None
    code: str
    config: str
    releases: tuple[ReadByRun, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lineage:
    """A model and what it was made from.

    Attributes:
        origin: The name of the log that says so.
        size: How many entries it had.
        generations: The model, what it went on from, and so on.
        derived: The models that were made from it, by whatever steps.
    """

    origin: str
    size: int
    generations: tuple[Generation, ...]
    derived: tuple[str, ...]

    @property
    def model(self) -> Generation:
        """The model itself."""
        return self.generations[0]

    @property
    def tainted(self) -> Sequence[tuple[Generation, ReadByRun]]:
        """What of it read records that were taken back since, or are to be."""
        return [
            (one, read) for one in self.generations for read in one.releases if read.taken_back
        ]

    def mapping(self) -> dict[str, Any]:
        """Give it as plain values for JSON."""
        found = _plain(asdict(self))
        return {**found, "model": self.model.model, "tainted": bool(self.tainted)}


def model_card(lineage: Lineage, *, training: Mapping[str, str] | None = None) -> str:
    """Give the card of a model.

    Args:
        lineage: What is known of it.
        training: More about its training, in words, where this program trained it; a picture `loss.svg` lies beside.
    """
    return "\n".join(_card(lineage, training)) + "\n"


def _card(lineage: Lineage, training: Mapping[str, str] | None) -> Iterator[str]:
    model = lineage.model
    yield f"# {model.model}"
    yield ""
    yield (
        f"What the log `{lineage.origin}` says of this model after {lineage.size:,} entries. "
        f"Its file has SHA-256 `{model.sha256}`."
    )
    yield ""
    if training is not None:
        yield "## Training"
        yield ""
        yield from _table(("", ""), list(training.items()))
        yield ""
        yield "![the loss of each step](loss.svg)"
        yield ""
    yield "## Lineage"
    yield ""
    yield from _table(
        ("model", "entry", "SHA-256", "run", "by", "from", "until", "batches"),
        [_row(one) for one in lineage.generations],
    )
    yield ""
    if len(lineage.generations) > 1:
        chain = " ← ".join(f"`{one.model}`" for one in lineage.generations)
        yield f"Each goes on from the weights of the next: {chain}."
        yield ""
    if lineage.derived:
        yield f"Made from it since: {', '.join(f'`{one}`' for one in lineage.derived)}."
        yield ""
    yield "## Data"
    yield ""
    yield from _table(
        ("model", "release", "revision", "entry", "purpose", "policy", "records", "members"),
        [
            (
                f"`{one.model}`",
                f"`{read.release}`",
                f"{read.revision}" + ("" if read.why_ended is None else f" ({read.why_ended})"),
                f"{read.entry:,}",
                read.purpose,
                read.policy or "none",
                f"{read.records:,}",
                f"{read.members:,}",
            )
            for one in lineage.generations
            for read in one.releases
        ],
    )
    yield ""
    yield "## What was taken back since"
    yield ""
    yield from _taken(lineage)
    yield ""
    yield "## What this does not say"
    yield ""
    yield (
        "That a run read these batches and nothing else is what whoever ran it says; the root over the batches can be "
        "compared with the release. A model may keep something of what it read, and nobody here claims that it unlearnt "
        "anything. A model that goes on from another one keeps what that read."
    )


def _taken(lineage: Lineage) -> Iterator[str]:
    if not lineage.tainted:
        yield "Nothing, as far as the log knows."
        return
    yield from _table(
        ("model", "release", "read", "revocation", "due", "members", "records", "taken out"),
        [
            (
                f"`{one.model}`",
                f"`{read.release}`",
                f"revision {read.revision}",
                f"`{taken.revocation}`",
                format_instant(taken.at),
                f"{taken.members:,}",
                f"{taken.records:,}",
                "not yet" if taken.done is None else format_instant(taken.done),
            )
            for one, read in lineage.tainted
            for taken in read.taken_back
        ],
    )
    yield ""
    yield (
        "These records were in what was read. They are taken out of the release; what the weights keep of them is not "
        "undone. To be without them, train again on the newest revision, from a base that never read them."
    )


def _row(one: Generation) -> tuple[str, ...]:
    return (
        f"`{one.model}`",
        f"{one.entry:,}",
        f"`{one.sha256[:_SHORT]}…`",
        f"`{one.run}`",
        one.recipient,
        format_instant(one.started),
        "not ended" if one.ended is None else format_instant(one.ended),
        "unknown" if one.batches is None else f"{one.batches:,}",
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(one.replace('|', '/') for one in row)} |"


def _plain(value: Any, name: str = "") -> Any:
    """Give instants as text, and the rest as JSON has it."""
    if isinstance(value, dict):
        return {key: _plain(one, key) for key, one in value.items()}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if name in _INSTANTS and value is not None:
        return format_instant(value)
    return value


_INSTANTS: Final = frozenset({"at", "done", "started", "ended"})
