# SPDX-License-Identifier: Apache-2.0
"""The register of releases: what the log says of each, put together, and what it does not take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from tests.integration.release_story import ACKNOWLEDGEMENT, DAY, made, root, story
from tests.unit.app.workspace.conftest import LATER, NOW, Open
from tests.unit.app.workspace.worlds import put

from privity.app.releases.state.register import (
    RegisterReader,
    ReleaseState,
    register_of,
    releases_of,
)
from privity.app.workspace.checking import check_workspace
from privity.app.workspace.recording import publish_now, record
from privity.entries.disclosure import AcknowledgedDisclosure, FailedDisclosure, HandedOver
from privity.entries.kinds import PublicKind
from privity.entries.model import ModelEntry
from privity.entries.release import CreatedRelease, EndedRelease, RevisedRelease
from privity.entries.revocation import DoneRevocation, DueRevocation, RevocationAck
from privity.entries.run import RunEnd, RunStart
from privity.errors import InputError, VerificationError


def told(opened: Open, says: Sequence[PublicKind]) -> tuple[ReleaseState, ...]:
    with opened() as workspace:
        record(workspace, says)
        return releases_of(workspace)


def test_a_release_is_what_its_entries_say(opened: Open) -> None:
    """[REL-150]"""
    [one] = told(opened, story("inmail", NOW))
    assert (one.name, one.purpose, one.recipient) == ("inmail", "genai-training", "self")
    assert (one.revision, one.content.rows, one.ledger_size) == (2, 8, 9)
    assert one.newest.says == one.revised[0].says
    assert [entry.name for entry in one.disclosures] == ["inmail-lost", "inmail-there"]
    assert [entry.out for entry in one.disclosures] == [False, True]
    [back] = one.revocations
    assert [entry.says.ok for entry in back.notified] == [False, True]
    assert back.done is not None
    assert [entry.says.recipient for entry in back.acks] == ["self"]
    [run] = one.runs
    assert run.revision_of("inmail") == 1
    assert run.revision_of("other") is None
    assert run.end is not None
    assert [model.name for model in one.models] == ["inmail-model"]


def test_entries_are_found_where_they_stand(opened: Open) -> None:
    """[REL-150]"""
    [one] = told(opened, story("inmail", NOW))
    assert one.created.index < one.disclosures[0].handed.index < one.runs[0].start.index
    assert one.created.time == NOW
    with opened() as workspace:
        assert register_of(workspace).size == workspace.store.head().size


def test_a_revision_is_decided_for_uses_from_its_entry_on(opened: Open) -> None:
    """[REL-150]"""
    [one] = told(opened, made("a", NOW - DAY))
    assert one.decided_at == NOW - DAY
    later = story("b", LATER + DAY)
    with opened(LATER) as workspace:
        record(workspace, later)
        found = register_of(workspace).release("b")
    assert found.decided_at == LATER + DAY
    assert replace(found, used_at=NOW).decided_at == LATER


def test_a_release_without_its_clearing_is_asked_all_of_again(opened: Open) -> None:
    """[REL-150] Where nobody knows for when it was decided, nothing is taken as decided."""
    [one] = told(opened, made("a", NOW)[1:])
    assert one.decided_at == 0


def test_a_release_lives_until_it_ends_or_expires(opened: Open) -> None:
    """[REL-151]"""
    [one] = told(opened, made("a", NOW))
    assert one.live(NOW + 30 * DAY - 1)
    assert not one.live(NOW + 30 * DAY)
    with opened() as workspace:
        record(workspace, [EndedRelease(release="a", why="expired")])
        record(workspace, [EndedRelease(release="a", why="withdrawn")])
        found = register_of(workspace).release("a")
    assert not found.live(NOW)
    assert found.ended is not None
    assert found.ended.says.why == "expired"


def test_who_acknowledges_late_has_the_copy_all_the_same(opened: Open) -> None:
    """[REL-150] A copy that somebody said had failed is out where its recipient has signed for it."""
    late = AcknowledgedDisclosure(disclosure="a-lost", acknowledgement=root("late").hex())
    [one] = told(opened, [*story("a", NOW), late])
    assert one.disclosures[0].failed is not None
    assert one.disclosures[0].out


def test_what_is_said_twice_counts_from_the_first_time(opened: Open) -> None:
    """[REL-150]"""
    said = story("a", NOW)
    twice = [
        one
        for one in said
        if isinstance(one, FailedDisclosure | AcknowledgedDisclosure | RunEnd | DoneRevocation)
    ]
    [once] = told(opened, said)
    [again] = told(opened, twice)
    assert again == once


def test_releases_stand_in_the_order_of_the_log(opened: Open) -> None:
    """[REL-150]"""
    found = told(opened, [*made("b", NOW), *story("a", NOW), *made("0", NOW)])
    assert [one.name for one in found] == ["b", "a", "0"]


def test_what_nobody_made_is_not_found(opened: Open) -> None:
    with opened() as workspace:
        record(workspace, story("a", NOW))
        register = register_of(workspace)
    assert register.run("a-run").models == (register.model("a-model"),)
    for look, code in (
        (register.release, "release/unknown-release"),
        (register.run, "release/unknown-run"),
        (register.model, "release/unknown-model"),
    ):
        with pytest.raises(InputError) as refused:
            look("other")
        assert refused.value.code == code


SAID = story("a", NOW)


def the(kind: type[Any], **changed: Any) -> PublicKind:
    """Give the first of its kind, with something else in it."""
    made: PublicKind = replace(next(one for one in SAID if isinstance(one, kind)), **changed)
    return made


IMPOSSIBLE = (
    the(CreatedRelease),
    the(RevisedRelease),
    the(RevisedRelease, revision=4),
    the(RevisedRelease, revision=3, release="other"),
    the(RevisedRelease, revision=3, revocation="other"),
    the(EndedRelease, release="other"),
    the(HandedOver),
    the(HandedOver, disclosure="new", release="other"),
    the(HandedOver, disclosure="new", revision=3),
    the(AcknowledgedDisclosure, disclosure="other"),
    the(FailedDisclosure, disclosure="other"),
    the(DueRevocation),
    the(DueRevocation, revocation="new", release="other"),
    the(DueRevocation, revocation="new", revision=3),
    the(DoneRevocation, revocation="other"),
    the(DoneRevocation, release="other"),
    the(DoneRevocation, revision=3),
    the(RevocationAck, revocation="other"),
    the(RunStart),
    the(RunStart, run="new", releases=(("a", 3),)),
    the(RunStart, run="new", releases=(("a", 1), ("other", 1))),
    the(RunStart, run="new", base="other"),
    the(RunEnd, run="other"),
    the(ModelEntry),
    the(ModelEntry, model="new", run="other"),
    the(ModelEntry, model="new", base="a-model"),
)


@pytest.mark.parametrize("says", IMPOSSIBLE, ids=range(len(IMPOSSIBLE)))
def test_what_does_not_follow_is_not_taken(opened: Open, says: PublicKind) -> None:
    """[REL-1] [REL-150]"""
    told(opened, SAID)
    with pytest.raises(VerificationError) as refused:
        told(opened, [says])
    assert refused.value.code == "release/register"


def test_a_whole_workspace_with_releases_is_in_order(opened: Open) -> None:
    """[ENT-40] The database, the vault and the public tree know every stream of these."""
    with opened() as workspace:
        record(workspace, SAID, objects=[ACKNOWLEDGEMENT])
        publish_now(workspace)
        places = workspace.places
    found = check_workspace(places.root)
    assert found.problems == ()
    assert found.public["revocation.ack"] == 1
    assert found.public["release"] == 3


def test_who_keeps_looking_reads_what_is_new(opened: Open) -> None:
    """[REL-150]"""
    with opened() as workspace:
        assert register_of(workspace).releases == {}
        said = story("a", NOW)
        for end in range(1, len(said) + 1):
            record(workspace, said[end - 1 : end])
            assert register_of(workspace) == RegisterReader().look(workspace)
        before = register_of(workspace)
        assert register_of(workspace) is before
        assert register_of(replace(workspace, now=lambda: LATER)) is before
        put(workspace, "ada")
        after = register_of(workspace)
        assert (after.size, after.releases) == (workspace.store.head().size, before.releases)
        record(workspace, made("b", NOW))
        assert sorted(register_of(workspace).releases) == ["a", "b"]
        assert sorted(before.releases) == ["a"]
        record(workspace, [EndedRelease(release="other", why="expired")])
        for _ in range(2):
            with pytest.raises(VerificationError):
                register_of(workspace)


def test_what_others_record_is_seen_too(opened: Open) -> None:
    """[REL-150]"""
    with opened() as workspace, opened() as other:
        assert register_of(workspace).releases == {}
        record(other, story("a", NOW))
        assert sorted(register_of(workspace).releases) == ["a"]
