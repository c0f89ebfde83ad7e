# SPDX-License-Identifier: Apache-2.0
"""Every order of a no, its end, and the record: an off, or an objection to one setting or to all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from privity.canonical.instants import Instant
from privity.decide.analysis.space import DAY, Space
from privity.decide.analysis.trials import fact
from privity.members.facts import Fact

Script = tuple[Fact, ...]
Times = tuple[Instant, Sequence[Instant], Sequence[Instant]]
"""Before every record, right after this one, and at the instant of use, as far as there is time."""


def no_scripts(
    space: Space, created_at: Instant, names: Sequence[str], said: Collection[str]
) -> Iterator[Script]:
    """Give the facts of every order of a no.

    Args:
        space: What is compared.
        created_at: When the record was made.
        names: The settings that either policy knows.
        said: The settings in which a yes is said besides: it ends an earlier off.
    """
    times = (
        space.low + DAY // 2,
        [created_at + 1] if created_at < space.at else [],
        [space.at] if created_at + 1 < space.at else [],
    )
    for name in names:
        yield from _offs(space, name, times, ends=name not in said)
        yield from _objections(space, name, (name,), times)
    yield from _objections(space, None, names, times)


def _offs(
    space: Space,
    name: str,
    times: Times,
    *,
    ends: bool,
) -> Iterator[Script]:
    early, later, last = times

    def choice(at: Instant, value: str) -> Fact:
        return fact(space, "setting", at, value, setting=name)

    for at in (early, *later):
        yield (choice(at, "off"),)
    if ends:
        for at, end in ((early, early + 1), *((early, one) for one in later)):
            yield choice(at, "off"), choice(end, "unset")
        for at, end in zip(later, last, strict=False):
            yield choice(at, "off"), choice(end, "unset")


def _objections(
    space: Space,
    name: str | None,
    withdrawn: Sequence[str],
    times: Times,
) -> Iterator[Script]:
    early, later, last = times
    named = {} if name is None else {"setting": name}
    for at, ends in ((early, (early + 1, *later)), *((one, tuple(last)) for one in later)):
        objection = fact(space, "objection", at, **named)
        yield (objection,)
        for end in ends:
            yield objection, fact(space, "objection-withdrawn", end)
            for one in withdrawn:
                yield objection, fact(space, "objection-withdrawn", end, setting=one)
