# SPDX-License-Identifier: Apache-2.0
"""Facts of files become entries: all of them, once, and no others."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather
from tests.unit.app.workspace.conftest import LATER, NOW, Open, size

from privity.app.workspace import importing
from privity.app.workspace.attesting import Attestation
from privity.app.workspace.importing import record_import
from privity.app.workspace.knowing import gather
from privity.app.workspace.looking_over import look_over
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import member_of
from privity.canonical.instants import format_instant
from privity.entries.attested import AttestedEntry, Evidence, attester_of
from privity.entries.decode import PublicEntry, decode, open_sealed
from privity.entries.enrol import EnrolEntry
from privity.entries.envelope import MemberEvent
from privity.entries.kinds import PrivateKind, PublicKind
from privity.entries.unknown import UnknownEntry
from privity.errors import ConflictError, InputError

DAY = 86_400
SEED = bytes(range(32))
ATTESTED = Attestation(
    attester=attester_of("A. Auditor", SEED), evidence=Evidence(sha256="0" * 64), seed=SEED
)
ROWS = (
    {"member": "", "fact": "recipient", "value": "lab", "detail": '{"role":"third-party"}'},
    {"member": "", "fact": "recipient", "value": "lab", "detail": '{"role":"affiliate"}'},
    {"member": "", "fact": "order", "value": "hk", "detail": '{"jurisdictions":["HK"]}'},
    {
        "member": "",
        "fact": "seat-instruction",
        "value": "acme",
        "detail": '{"purposes":["safety"]}',
    },
    {"member": "ana", "fact": "joined", "value": "", "detail": ""},
    {"member": "ben", "fact": "joined", "value": "", "detail": ""},
    {"member": "ana", "fact": "setting", "value": "off", "detail": '{"setting":"s"}'},
)
Says = PublicKind | PrivateKind | UnknownEntry


def with_times(rows: Any = ROWS, **times: str) -> list[dict[str, str]]:
    later = NOW + DAY
    return [
        {**row, "at": format_instant(NOW if number != 1 else later), **times}
        for number, row in enumerate(rows)
    ]


def put(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write rows as whatever the path's name says."""
    table = pa.Table.from_pylist(rows)
    match path.suffixes:
        case [".jsonl"]:
            path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        case [".jsonl", ".gz"]:
            path.write_bytes(
                gzip.compress("".join(f"{json.dumps(row)}\n" for row in rows).encode())
            )
        case [".parquet"]:
            pq.write_table(table, path)
        case [".arrow"]:
            feather.write_feather(table, str(path))
        case _:
            cells = [[str(cell).replace('"', '""') for cell in row.values()] for row in rows]
            lines = [
                ",".join(rows[0]),
                *(",".join(f'"{cell}"' for cell in row) for row in cells),
            ]
            path.write_text("\n".join(lines) + "\n")
    return path


def said(workspace: Workspace, first: int = 1) -> Iterator[tuple[Any, Says]]:
    """What every entry says, private ones with their member."""
    origin = workspace.settings.origin
    sealed = {one.index: one for one in workspace.store.sealed(0, size(workspace))}
    for stored in workspace.store.entries(first, size(workspace)):
        event = decode(stored.data, origin=origin)
        if isinstance(event, PublicEntry):
            yield "public", event.says
            continue
        assert isinstance(event, MemberEvent)
        one = sealed[stored.place]
        key = workspace.keys.of_stream(one.stream)
        assert key is not None
        opened = open_sealed(
            event, one.payload, key=key.secret, number=one.number, origin=origin
        )
        yield member_of(key.member), opened.says


def told(workspace: Workspace, first: int = 1) -> list[tuple[Any, str, Any]]:
    """The same in short, without enrolments."""
    found = []
    for whose, says in said(workspace, first):
        if not isinstance(says, EnrolEntry):
            payload = says.to_payload() if not isinstance(says, UnknownEntry) else {}
            name = payload.get("fact") or payload.get("action") or payload.get("kind")
            found.append((whose, str(name), payload.get("value", payload.get("id"))))
    return found


@pytest.mark.parametrize("name", ["f.csv", "f.jsonl", "f.jsonl.gz", "f.parquet", "f.arrow"])
def test_every_fact_becomes_the_entry_of_its_kind(
    tmp_path: Path, opened: Open, name: str
) -> None:
    facts = put(tmp_path / name, with_times())
    with opened() as workspace:
        looked = look_over(workspace, facts)
        imported = record_import(workspace, looked)
        found = told(workspace)
    assert (looked.facts, looked.claims) == (7, 0)
    assert (imported.facts, imported.before, imported.entries) == (7, 0, 9)
    assert sorted(found, key=str) == [
        ("ana", "joined", ""),
        ("ana", "setting", "off"),
        ("ben", "joined", ""),
        ("public", "added", "lab"),
        ("public", "changed", "lab"),
        ("public", "issued", "hk"),
        (None, "seat-instruction", "acme"),
    ]


def test_what_the_ledger_knows_is_what_the_file_says(tmp_path: Path, opened: Open) -> None:
    facts = put(tmp_path / "f.csv", with_times())
    with opened() as workspace:
        record_import(workspace, look_over(workspace, facts))
        known = gather(workspace).known(at=LATER).facts
    assert sorted(known.ids.to_pylist()) == ["ana", "ben"]
    assert (known.facts, len(known.platform)) == (3, 4)
    assert np.unique(known.recorded_at).tolist() == [NOW]


@pytest.mark.parametrize("recorded_at", ["", format_instant(NOW)])
def test_a_fact_may_say_that_it_is_recorded_now(
    tmp_path: Path, opened: Open, recorded_at: str
) -> None:
    facts = put(tmp_path / "f.csv", with_times(recorded_at=recorded_at))
    with opened() as workspace:
        assert look_over(workspace, facts).claims == 0


def test_a_fact_that_claims_the_past_is_refused_unless_it_is_attested(
    tmp_path: Path, opened: Open
) -> None:
    rows = with_times(recorded_at="")
    rows[4]["recorded_at"] = rows[6]["recorded_at"] = format_instant(NOW - DAY)
    facts = put(tmp_path / "f.csv", rows)
    with opened() as workspace:
        with pytest.raises(InputError, match=":6: `recorded_at` is 2024-09-30") as caught:
            look_over(workspace, facts)
        assert caught.value.code == "workspace/claims-the-past"
        assert "--attested-by" in str(caught.value.hint)
        assert size(workspace) == 1
        claimed = put(tmp_path / "c.csv", [rows[4], rows[6]])
        looked = look_over(workspace, claimed, attested=ATTESTED)
        record_import(workspace, looked)
        claims = [
            (whose, says.statement.claimed_at, says.statement.attester.name)
            for whose, says in said(workspace)
            if isinstance(says, AttestedEntry)
        ]
    assert looked.claims == 2
    assert claims == [("ana", NOW - DAY, "A. Auditor")] * 2


def test_who_attests_says_of_what_was_true_before_since_when(
    tmp_path: Path, opened: Open
) -> None:
    rows = with_times(recorded_at=format_instant(NOW - DAY))
    rows[5]["recorded_at"] = ""
    facts = put(tmp_path / "f.csv", rows)
    with opened() as workspace:
        with pytest.raises(
            InputError, match=":7: `recorded_at` is not said, or is now"
        ) as caught:
            look_over(workspace, facts, attested=ATTESTED)
        assert caught.value.code == "workspace/attests-nothing"


def test_orders_and_recipients_that_are_claimed_are_attested_in_public(
    tmp_path: Path, opened: Open
) -> None:
    facts = put(tmp_path / "f.csv", with_times(ROWS[:4], recorded_at=format_instant(NOW - DAY)))
    with opened() as workspace:
        record_import(workspace, look_over(workspace, facts, attested=ATTESTED))
        whose = [
            (whose, says.statement.kind)
            for whose, says in said(workspace)
            if isinstance(says, AttestedEntry)
        ]
    assert sorted(whose, key=str) == [
        ("public", "order"),
        ("public", "recipient"),
        ("public", "recipient"),
        (None, "fact"),
    ]


@pytest.mark.parametrize("attested", [None, ATTESTED], ids=["native", "attested"])
def test_nothing_was_recorded_after_now(
    tmp_path: Path, opened: Open, attested: Attestation | None
) -> None:
    facts = put(tmp_path / "f.csv", with_times(recorded_at=format_instant(NOW + 1)))
    with opened() as workspace:
        with pytest.raises(InputError, match="nothing was recorded after now") as caught:
            look_over(workspace, facts, attested=attested)
        assert caught.value.code == "workspace/claims-the-future"


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ({"member": "ana", "fact": "joind"}, "unknown fact `joind`, expected `joined`"),
        ({"member": "", "fact": "order", "value": "o", "detail": '{"purposes":["al"]}'}, "unknown purpose"),
        ({"member": "", "fact": "order", "value": "o", "detail": '{"purposes":[]}'}, "the list of purposes is empty"),
        ({"member": "a" * 5000, "fact": "joined"}, "fact `joined` of member `aaaa"),
        ({"member": "ana", "fact": "joined", "at": "9999-12-31T23:59:59-01:00"}, "`at` is"),
    ],
)  # fmt: skip
def test_what_cannot_be_recorded_is_found_before_anything_is(
    tmp_path: Path, opened: Open, row: dict[str, str], what: str
) -> None:
    rows = with_times([*ROWS, {"value": "", "detail": "", **row}])
    rows[-1]["at"] = row.get("at", rows[-1]["at"])
    facts = put(tmp_path / "f.jsonl", rows)
    with opened() as workspace:
        with pytest.raises(InputError) as caught:
            look_over(workspace, facts)
        assert what in str(caught.value)
        assert size(workspace) == 1


def test_a_long_id_is_no_too_long_one(tmp_path: Path, opened: Open) -> None:
    """What an id takes in an entry is asked of the entry, not of the longest that there could be."""
    rows = with_times([{**ROWS[4], "member": "a" * 1500}])
    with opened() as workspace:
        record_import(workspace, look_over(workspace, put(tmp_path / "f.csv", rows)))
        assert told(workspace) == [("a" * 1500, "joined", "")]


def many(members: int, each: int = 3) -> list[dict[str, str]]:
    kinds = [
        {"fact": "joined", "value": "", "detail": ""},
        {"fact": "notice", "value": "n", "detail": ""},
        {"fact": "setting", "value": "off", "detail": '{"setting":"s"}'},
    ]
    # A member's facts lie far from each other.
    return [
        {"member": f"m{member}", **kind, "at": format_instant(NOW)}
        for kind in kinds[:each]
        for member in range(members)
    ]


def test_what_a_file_says_of_one_member_is_recorded_at_one_instant(
    tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_AT_ONCE", 7)
    facts = put(tmp_path / "f.csv", many(20))
    commits: list[list[Any]] = []
    with opened() as workspace:
        before = size(workspace)

        def seen(count: int) -> None:
            nonlocal before
            commits.append([whose for whose, says in said(workspace, before)])
            before = size(workspace)
            assert count >= 7 or len(commits) == 7

        record_import(workspace, look_over(workspace, facts), progress=seen)
    assert sum(map(len, commits)) == 80
    members = [set(commit) for commit in commits]
    assert sum(map(len, members)) == len(set.union(*members)) == 20


@pytest.mark.parametrize("request_name", [None, "mine"])
def test_a_repeated_import_records_what_is_missing(
    tmp_path: Path,
    opened: Open,
    monkeypatch: pytest.MonkeyPatch,
    request_name: str | None,
) -> None:
    monkeypatch.setattr(importing, "_AT_ONCE", 10)
    facts = put(tmp_path / "f.csv", [*with_times(), *many(20)])

    told_of: list[int] = []

    def stop(count: int) -> None:
        told_of.append(count)
        if sum(told_of) > 30:
            raise KeyboardInterrupt

    with opened() as workspace, pytest.raises(KeyboardInterrupt):
        record_import(
            workspace, look_over(workspace, facts), request=request_name, progress=stop
        )
    with opened(LATER) as workspace:
        # Native facts say nothing of when they are recorded, so the rest is of the later instant.
        looked = look_over(workspace, facts)
        again = record_import(workspace, looked, request=request_name)
        once_more = record_import(workspace, looked, request=request_name)
        found = told(workspace)
    assert (again.facts, again.before) == (67, sum(told_of))
    assert (once_more.facts, once_more.before, once_more.entries) == (67, 67, again.entries)
    assert len(found) == len(set(found)) == 67


def test_one_name_is_of_one_import(tmp_path: Path, opened: Open) -> None:
    facts, other = put(tmp_path / "f.csv", with_times()), put(tmp_path / "g.csv", many(1))
    with opened() as workspace:
        record_import(workspace, look_over(workspace, facts), request="mine")
        before = size(workspace)
        with pytest.raises(ConflictError, match="request `mine` was made before"):
            record_import(workspace, look_over(workspace, other), request="mine")
        assert size(workspace) == before


def test_the_same_facts_under_another_name_are_recorded_again(
    tmp_path: Path, opened: Open
) -> None:
    facts = put(tmp_path / "f.csv", many(2))
    with opened() as workspace:
        for name, before in ((None, 0), (None, 6), ("one", 0), ("other", 0), ("one", 6)):
            looked = look_over(workspace, facts)
            assert record_import(workspace, looked, request=name).before == before


@pytest.mark.parametrize(("first", "second"), [("f.csv", "g.jsonl"), ("g.jsonl", "f.csv")])
def test_ids_of_one_workspace_are_of_one_kind(
    tmp_path: Path, opened: Open, first: str, second: str
) -> None:
    rows = [{**row, "member": int(str(row["member"])[1:])} for row in many(3, each=1)]
    more = [{**row, "member": row["member"], "fact": "closed"} for row in rows]
    with opened() as workspace:
        record_import(workspace, look_over(workspace, put(tmp_path / first, rows)))
        record_import(workspace, look_over(workspace, put(tmp_path / second, more)))
        members = {whose for whose, _, _ in told(workspace)}
    assert members == ({"0", "1", "2"} if first == "f.csv" else {0, 1, 2})


def test_text_is_no_id_where_ids_are_numbers(tmp_path: Path, opened: Open) -> None:
    rows = [{**row, "member": 7} for row in many(1)]
    with opened() as workspace:
        record_import(workspace, look_over(workspace, put(tmp_path / "f.jsonl", rows)))
        other = put(tmp_path / "g.csv", [{**row, "member": "07"} for row in many(1)])
        with pytest.raises(InputError, match="member `07` is text") as caught:
            look_over(workspace, other)
        assert caught.value.code == "facts/mixed-ids"


def test_findings_that_only_the_whole_ledger_could_answer_are_not_told(
    tmp_path: Path, opened: Open
) -> None:
    reopened = {"member": "ana", "fact": "reopened", "value": "", "detail": ""}
    facts = put(tmp_path / "f.csv", with_times([ROWS[6], reopened]))
    with opened() as workspace:
        codes = [one.code for one in look_over(workspace, facts).findings]
        assert codes == ["true-ahead", "never-joined", "reopened-ends-nothing"]
        record_import(workspace, look_over(workspace, facts))
        # That it is true only later this file alone says.
        assert [one.code for one in look_over(workspace, facts).findings] == ["true-ahead"]


def test_a_long_import_is_published_on_its_way(
    tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_AT_ONCE", 10)
    monkeypatch.setattr(importing, "_UNPUBLISHED", 30)
    facts = put(tmp_path / "f.csv", many(20))
    with opened() as workspace:
        recorded: list[int] = []

        def told_of(count: int) -> None:
            recorded.append(count)
            signed = workspace.store.last_signed()
            assert signed is not None
            assert size(workspace) - signed[0] < 30 + 16

        record_import(workspace, look_over(workspace, facts), progress=told_of)
        assert sum(recorded) == 60


def test_whoever_nobody_knows_is_named_before_a_no_reaches_nobody(
    tmp_path: Path, opened: Open
) -> None:
    """A blank behind an id makes somebody else of her."""
    facts = put(tmp_path / "f.csv", with_times(ROWS))
    with opened() as workspace:
        record_import(workspace, look_over(workspace, facts))
        known = {row["member"] for row in ROWS if row["fact"] == "joined"}
        no = {"fact": "setting", "value": "off", "detail": '{"setting":"s"}'}
        some = [
            {"member": f"{one}{blank}", **no} for one in sorted(known) for blank in ("", " ")
        ]
        looked = look_over(workspace, put(tmp_path / "no.csv", with_times(some)))
        [found] = [one for one in looked.findings if one.code == "unknown-member"]
        assert found.count == len(known)
        assert found.examples[0] == f"member `{min(known)} `"
        # Whom the file lets join is nobody's slip.
        joins = [{"member": "zoe", "fact": "joined", "value": "", "detail": ""}]
        joins += [{"member": "zoe", **no}]
        more = look_over(workspace, put(tmp_path / "more.csv", with_times(joins)))
        assert "unknown-member" not in {one.code for one in more.findings}
