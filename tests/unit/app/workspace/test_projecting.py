# SPDX-License-Identifier: Apache-2.0
"""The projection: what is in it, when it is made anew, and what is left of who is erased."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.property.recorded import ORIGIN, policy_said, record_at, said_of, workspace_at

from privity.app.workspace.erasing import erase_members
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.parts import Workspace
from privity.app.workspace.projecting import catch_up, forget, projected, rebuild
from privity.app.workspace.recording import Private, key_name
from privity.canonical.encode import encode
from privity.entries.fact import FactEntry
from privity.errors import PrivityError
from privity.members.facts import Fact
from privity.store.projection import Projection, open_projection
from privity.store.projection_rows import Extent, FactRow
from privity.testing.plain import POLICY, fact, register, said, told

NOW = 1_750_000_000


def put(workspace: Workspace, *facts: Fact, now: int = NOW) -> None:
    record_at(workspace, now, [said_of(one) for one in facts])


def spoil(workspace: Workspace, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(workspace.places.log)) as database, database:
        database.execute(statement, values)


def content(workspace: Workspace) -> list[tuple[Any, ...]]:
    return projected(workspace, lambda projection: list(projection.content()))


def unread(workspace: Workspace) -> list[tuple[int, str]]:
    rows = projected(workspace, lambda projection: projection.unread(1 << 40))
    return [(row.entry, row.why) for row in rows]


def stream_of(workspace: Workspace, member: str) -> int:
    key = workspace.keys.get(key_name(member))
    assert key is not None
    return key.stream


def test_it_has_every_fact_by_its_entry_and_its_entry_s_time(tmp_path: Path) -> None:
    with workspace_at(tmp_path) as workspace:
        put(workspace, *told("ana"))
        put(workspace, said("2024-10-01", member="ana"), now=NOW + 5)
        assert catch_up(workspace).added == 7
        rows = [row for row in content(workspace) if isinstance(row, FactRow)]
    # Entry 0 is the genesis, and entry 1 the enrolment.
    assert [(row.entry, row.words[0], row.recorded_at) for row in rows] == [
        (2, "joined", NOW),
        (3, "jurisdiction", NOW),
        (4, "birth_date", NOW),
        (5, "notice", NOW),
        (6, "setting", NOW + 5),
    ]


def test_it_has_every_public_entry_by_its_index(tmp_path: Path) -> None:
    text = encode(POLICY)
    with workspace_at(tmp_path) as workspace:
        record_at(workspace, NOW, [policy_said(text)], [text])
        put(workspace, *register(), fact("order", "2024-01-01", "stop", member=None))
        found = projected(
            workspace,
            lambda projection: list(
                projection.public(["genesis", "policy", "recipient", "order"], 1 << 40)
            ),
        )
    assert [(row.entry, row.stream) for row in found] == [
        (0, "genesis"),
        (1, "policy"),
        (2, "recipient"),
        (3, "recipient"),
        (4, "recipient"),
        (5, "order"),
    ]


def test_where_nothing_is_new_nothing_is_read(tmp_path: Path) -> None:
    with workspace_at(tmp_path) as workspace:
        put(workspace, *told("ana"))
        catch_up(workspace)
        spoil(workspace, "UPDATE entry SET data = zeroblob(9) WHERE place = 3")
        done = catch_up(workspace)
    assert (done.size, done.added, done.anew) == (6, 0, False)


def test_only_what_is_new_is_read(tmp_path: Path) -> None:
    with workspace_at(tmp_path) as workspace:
        put(workspace, *told("ana"))
        catch_up(workspace)
        put(workspace, *told("ben"))
        done = catch_up(workspace)
    assert (done.size, done.added, done.anew) == (11, 5, False)


def test_two_processes_keep_it_up_together(tmp_path: Path) -> None:
    with workspace_at(tmp_path) as workspace, open_workspace(workspace.places.root) as other:
        catch_up(workspace)
        for number, one in enumerate((workspace, other) * 4):
            put(one, said("2024-10-01", member=f"m{number}"), now=NOW + number)
            done = [catch_up(two) for two in (other, workspace)]
            assert [(two.added, two.anew) for two in done] == [(2, False), (0, False)]


def unlink(place: Path) -> None:
    place.unlink()


def scribble(place: Path) -> None:
    place.write_bytes(b"no database" * 1000)


def empty(place: Path) -> None:
    place.write_bytes(b"")


def copy(place: Path) -> None:
    aside = place.with_name("copy.db")
    shutil.copy(place, aside)
    aside.replace(place)


def take_of_another_version(place: Path) -> None:
    with closing(sqlite3.connect(place)) as database, database:
        database.execute("PRAGMA user_version = 99")


def take_of_another_log(place: Path) -> None:
    place.unlink()
    open_projection(place, origin="other.example").close()


def say_too_much(place: Path) -> None:
    with closing(sqlite3.connect(place)) as database, database:
        database.execute("UPDATE extent SET size = 1024, peaks = zeroblob(32)")


def say_otherwise(place: Path) -> None:
    with closing(sqlite3.connect(place)) as database, database:
        database.execute("UPDATE extent SET peaks = zeroblob(length(peaks))")


@pytest.mark.parametrize(
    "harm",
    [
        unlink,
        scribble,
        empty,
        copy,
        take_of_another_version,
        take_of_another_log,
        say_too_much,
        say_otherwise,
    ],
)
def test_it_is_made_anew_whatever_became_of_it(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    with workspace_at(tmp_path) as workspace:
        put(workspace, *told("ana"))
        before = content(workspace)
        harm(workspace.places.projection)
        assert content(workspace) == before


def test_damage_that_shows_when_it_is_read_makes_it_anew(tmp_path: Path) -> None:
    with workspace_at(tmp_path) as workspace:
        put(workspace, *told("ana"))
        before = content(workspace)
        place = workspace.places.projection
        place.write_bytes(place.read_bytes().replace(b"jurisdiction", b"\xff" * 12))
        assert content(workspace) == before


def test_entries_that_do_not_make_the_head_are_believed_by_nobody(tmp_path: Path) -> None:
    with workspace_at(tmp_path) as workspace:
        put(workspace, *told("ana"))
        put(workspace, *told("ben"))
        # Each is an entry, and the tags are those of no others: only the tree tells.
        spoil(
            workspace,
            "UPDATE entry SET data = (SELECT data FROM entry AS one WHERE one.place = 8) "
            "WHERE place = 7",
        )
        with pytest.raises(PrivityError) as caught:
            catch_up(workspace)
    assert caught.value.code == "workspace/other-tree"


def test_an_entry_that_is_none_is_named(tmp_path: Path) -> None:
    with workspace_at(tmp_path) as workspace:
        put(workspace, *told("ana"))
        spoil(workspace, "UPDATE entry SET data = zeroblob(9) WHERE place = 3")
        with pytest.raises(PrivityError, match="entry 3 of the log cannot be read") as caught:
            catch_up(workspace)
    assert caught.value.code == "workspace/entry"


def test_what_was_lost_is_a_row_of_its_member(tmp_path: Path) -> None:
    with workspace_at(tmp_path) as workspace:
        put(workspace, *told("ana"))
        catch_up(workspace)
        with workspace.store.transaction() as tx:
            tx.put_lost(5, 6)
        spoil(workspace, "DELETE FROM sealed WHERE entry = 5")
        # What is lost is no longer believed, although it was read before.
        assert catch_up(workspace).anew
        assert unread(workspace) == [(5, "lost")]


def test_a_payload_that_does_not_open_is_a_row_of_its_member(tmp_path: Path) -> None:
    with workspace_at(tmp_path) as workspace:
        put(workspace, *told("ana"))
        spoil(workspace, "UPDATE sealed SET payload = zeroblob(80) WHERE entry = 4")
        assert unread(workspace) == [(4, "damaged")]


def test_a_fact_about_somebody_else_is_no_fact(tmp_path: Path) -> None:
    with workspace_at(tmp_path) as workspace:
        put(workspace, *told("ana"))
        other = FactEntry(member="ben", fact="setting", value="on", at=NOW)
        record_at(workspace, NOW, [Private(member="ana", says=other)])
        assert unread(workspace) == [(6, "foreign")]


def test_a_fact_of_a_later_version_is_kept_and_named(tmp_path: Path) -> None:
    with workspace_at(tmp_path) as workspace:
        later = FactEntry(member="ana", fact="restricted", at=NOW)
        record_at(workspace, NOW, [Private(member="ana", says=later)])
        assert unread(workspace) == [(2, "unknown")]
        put(workspace, said("2024-10-01", member="ana"))
        assert not catch_up(workspace).anew


def test_nothing_of_who_is_erased_is_left_in_it(tmp_path: Path) -> None:
    with workspace_at(tmp_path, now=NOW) as workspace:
        put(
            workspace,
            *told("ana"),
            fact("birth_date", "2015-01-01", "1911-11-11", member="ben"),
        )
        put(workspace, fact("merged", "2024-01-01", "no-other-than-ben", member="ben"))
        place = workspace.places.projection
        catch_up(workspace)
        assert b"1911-11-11" in place.read_bytes()
        erase_members(workspace, ["ben"])
        left = b"".join(one.read_bytes() for one in place.parent.glob("projection.db*"))
        assert b"1911-11-11" not in left
        assert b"no-other-than-ben" not in left
        assert b"ana" not in left  # whose is whose, the keys alone say
        kept_up = content(workspace)
        rebuild(workspace)
        assert content(workspace) == kept_up


def test_what_others_say_too_stays(tmp_path: Path) -> None:
    with workspace_at(tmp_path, now=NOW) as workspace:
        put(workspace, *told("ana"), *told("ben"))
        catch_up(workspace)
        assert forget(workspace, [stream_of(workspace, "ben")]) == 4
        rows = [row for row in content(workspace) if isinstance(row, FactRow)]
    assert [row.words[0] for row in rows] == ["joined", "jurisdiction", "birth_date", "notice"]


def test_who_is_erased_while_nobody_looks_is_forgotten_by_the_next_look(tmp_path: Path) -> None:
    with workspace_at(tmp_path, now=NOW) as workspace:
        put(workspace, *told("ana"))
        catch_up(workspace)
        # A process that was killed after the commit that ends the stream.
        with workspace.store.transaction() as tx:
            tx.end_stream(stream_of(workspace, "ana"))
        catch_up(workspace)
        assert not [row for row in content(workspace) if isinstance(row, FactRow)]


def facts_in(projection: Projection) -> int:
    return sum(len(page) for page in projection.facts(1 << 40))


def test_who_reads_while_rows_are_removed_reads_again(tmp_path: Path) -> None:
    with (
        workspace_at(tmp_path, now=NOW) as workspace,
        open_workspace(workspace.places.root) as two,
    ):
        put(workspace, *told("ana"), *told("ben"))
        looks: list[int] = []

        def look(projection: Projection) -> int:
            looks.append(facts_in(projection))
            if len(looks) == 1:
                forget(two, [stream_of(two, "ben")])
            return looks[-1]

        assert projected(workspace, look) == 4
    assert looks == [8, 4]


def test_who_is_disturbed_again_and_again_keeps_the_others_out(tmp_path: Path) -> None:
    with (
        workspace_at(tmp_path, now=NOW) as workspace,
        open_workspace(workspace.places.root) as two,
    ):
        put(workspace, *(one for number in range(5) for one in told(f"m{number}")))
        looks: list[int] = []

        def look(projection: Projection) -> int:
            looks.append(facts_in(projection))
            if len(looks) <= 3:
                forget(two, [stream_of(two, f"m{len(looks)}")])
            return looks[-1]

        assert projected(workspace, look) == 8
    assert looks == [20, 16, 12, 8]


def test_a_reading_sees_one_state(tmp_path: Path) -> None:
    place = tmp_path / "projection.db"
    projection = open_projection(place, origin=ORIGIN)
    row = FactRow(1, 1, ("joined", "", ""), 0, NOW)

    def look(reading: Projection) -> int:
        return sum(len(page) for page in reading.facts(10))

    with projection.writing() as writing:
        writing.put_facts([row])
        writing.flush()
    with projection.reading():
        assert look(projection) == 1
    assert projection.extent() == Extent()
    projection.close()
