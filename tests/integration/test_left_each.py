# SPDX-License-Identifier: Apache-2.0
"""What a killed process left is finished each by itself: what cannot be keeps nothing else back ([REL-110])."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.integration.conftest import Program
from tests.integration.handed import World, world
from tests.integration.releases import release
from tests.integration.revoked import DAY, LATER, no, opened, state_of
from tests.integration.workspaces import REQUEST, Made, make

from privity.app.releases.handing import handing_over
from privity.app.releases.making import finishing
from privity.app.releases.making.finishing import recover_releases
from privity.app.releases.state.signing import exchange_release_key
from privity.app.releases.taking_back.notifying import notify, set_address
from privity.app.releases.taking_back.revoking import revoke
from privity.app.workspace import clearing, unfinished
from privity.app.workspace.clearing import clear_on_ledger
from privity.canonical.instants import Instant, format_instant
from privity.entries.dsse import key_id_of
from privity.errors import PrivityError, VerificationError
from privity.release.job import Job
from privity.sources.native import open_records
from privity.store.posting import Answer
from privity.testing.plain import AT, said

ADDRESS = "https://lab.example.com/privity"
NOW = ("--now", format_instant(LATER))


class StopError(Exception):
    """Where it stops, as if it was killed."""


def stop(*_given: object, **_named: object) -> None:
    raise StopError


def clear(made: Made, name: str = "set", now: Instant = AT) -> None:
    with opened(made, now) as workspace:
        clear_on_ledger(
            workspace,
            open_records(list(made.sources)),
            replace(REQUEST, at=now),
            Job(out=made.root.parent / name),
            lambda _stage, _rows: None,
        )


def cut(path: Path) -> bytes:
    """Let a file be damaged; gives what it had."""
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    return whole


def published(made: Made, program: Program) -> Mapping[str, object]:
    """Publish what one more member says, and give what the command says."""
    made.record(said("2025-06-01", "off", member="m4"), at=LATER)
    done = program("ledger", "publish", str(made.root), *NOW, "--json")
    found: Mapping[str, object] = json.loads(done.out)
    assert found["added"] != 0
    assert (done.code == 0) == (found["unfinished"] == [])
    return found


def unfinished_of(found: Mapping[str, object]) -> list[tuple[str, str]]:
    some = found["unfinished"]
    assert isinstance(some, list)
    return [(one["what"], one["name"]) for one in some]


def test_a_release_that_cannot_be_finished_holds_up_no_other(
    tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(tmp_path)
    release(made)
    with monkeypatch.context() as patched:
        patched.setattr(finishing, "_describe", stop)
        with pytest.raises(StopError):
            release(made, name="second")
    (paper,) = made.root.glob("state/**/release/card.json")
    whole = cut(paper)
    no(made, "m3")
    with opened(made) as workspace:
        with pytest.raises(PrivityError) as alone:
            recover_releases(workspace)
        done = revoke(workspace)
    assert [one.release.name for one in done.releases] == ["first"]
    assert {name: error.code for name, error in done.failed.items()} == {
        "second": alone.value.code
    }
    assert unfinished_of(published(made, program)) == [("release", "second")]
    release(made, name="third", now=LATER)
    with pytest.raises(PrivityError) as again:
        release(made, name="second", now=LATER)
    assert again.value.code == alone.value.code
    paper.write_bytes(whole)
    found = published(made, program)
    assert (found["releases"], found["unfinished"]) == (["second"], [])


def test_a_clearing_that_cannot_be_finished_stops_no_publishing(
    tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(clearing, "finish", stop)
        with pytest.raises(StopError):
            clear(made)
    (mark,) = (made.root / "state" / "clearings").glob("*.json")
    whole = cut(mark)
    found = published(made, program)
    assert unfinished_of(found) == [("clearing", mark.stem)]
    with (
        opened(made) as workspace,
        pytest.raises(VerificationError, match=f"of clearing `{mark.stem}` is damaged"),
    ):
        unfinished.recover(workspace)
    # Others go on all the same, and nothing of it is lost.
    clear(made, "other", LATER)
    release(made, now=LATER)
    mark.write_bytes(whole)
    found = published(made, program)
    assert (found["clearings"], found["unfinished"]) == ([mark.stem], [])
    assert (tmp_path / "set").is_dir()


@pytest.fixture
def lab(tmp_path: Path) -> World:
    made = world(tmp_path)
    with opened(made.made, AT) as workspace:
        exchange_release_key(workspace)
    release(made.made, name="second", expires_at=AT + 30 * DAY)
    return made


def test_a_hand_over_that_cannot_be_ended_holds_up_no_other(
    lab: World, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(handing_over._Handing, "_give_name", stop)
        patched.setattr(handing_over._Handing, "_give_up", lambda *_: None)
        with pytest.raises(StopError):
            lab.hand_over()
    (mark,) = (lab.root / "state" / "hand-overs").glob("*.json")
    whole = cut(mark)
    lab.hand_over(name="second", out=lab.out.parent / "second")
    found = published(lab.made, program)
    assert unfinished_of(found) == [("copy", mark.stem)]
    mark.write_bytes(whole)
    found = published(lab.made, program)
    assert (found["copies"], found["unfinished"]) == ([mark.stem], [])


def test_of_a_release_whose_key_is_lost_nobody_is_told_and_of_others_they_are(
    lab: World, program: Program
) -> None:
    """[REL-120]."""
    for name in ("first", "second"):
        lab.hand_over(name=name, out=lab.out.parent / name)
    no(lab.made, "m3")
    with opened(lab.made) as workspace:
        revoke(workspace)
        set_address(workspace, "self", ADDRESS)
        key = workspace.places.former_release_signer(
            key_id_of(state_of(lab.made).created.says.key)
        )
    aside = key.rename(lab.root.parent / "key")
    sent: list[str] = []

    def send(address: str, _headers: Mapping[str, str], body: bytes) -> Answer:
        assert address == ADDRESS
        sent.append(json.loads(body)["data"]["release"])
        return Answer(status=204)

    with opened(lab.made) as workspace:
        done = notify(workspace, send=send)
    assert sent == [one.release for one in done.told] == ["second"]
    assert {name: error.code for name, error in done.failed.items()} == {
        "first": "release/other-key"
    }
    told = program("revoke", "notify", "--workspace", str(lab.root), *NOW)
    assert "first: nobody could be told: " in told.out
    assert told.code == done.failed["first"].exit_code
    again = program("revoke", "run", "--workspace", str(lab.root), *NOW, "--json")
    assert [one["release"] for one in json.loads(again.out)["untold"]] == ["first"]
    assert again.code == told.code
    aside.rename(key)
    with opened(lab.made) as workspace:
        assert [one.release for one in notify(workspace, send=send).told] == ["first"]
