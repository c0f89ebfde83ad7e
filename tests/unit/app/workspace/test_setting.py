# SPDX-License-Identifier: Apache-2.0
"""One fact of one member."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.app.workspace.conftest import LATER, NOW, Open, size
from tests.unit.app.workspace.test_importing import ATTESTED, said
from tests.unit.app.workspace.test_publishing import publish, put

from privity.app.workspace.setting import Claim, ask_fact, look_at, rehearse_fact, set_fact
from privity.entries.attested import AttestedEntry
from privity.entries.fact import FactEntry
from privity.errors import ConflictError, InputError
from privity.testing.plain import policy

OFF = {"setting": "s"}


def test_a_fact_is_true_from_its_entry_on_unless_somebody_says_when(opened: Open) -> None:
    with opened() as workspace:
        set_fact(workspace, ask_fact(workspace, "ana", "setting", "off", detail=OFF))
        set_fact(workspace, ask_fact(workspace, "ana", "setting", "on", detail=OFF, at=LATER))
        _, first, second = (says for _, says in said(workspace))
    assert first == FactEntry(member="ana", fact="setting", value="off", at=NOW, detail=OFF)
    assert second == FactEntry(member="ana", fact="setting", value="on", at=LATER, detail=OFF)


def test_a_repeated_setting_is_recorded_once_whatever_the_time(opened: Open) -> None:
    with opened() as workspace:
        first = set_fact(
            workspace, ask_fact(workspace, "ana", "setting", "off", detail=OFF, request="mine")
        )
    with opened(LATER) as workspace:
        again = set_fact(
            workspace, ask_fact(workspace, "ana", "setting", "off", detail=OFF, request="mine")
        )
        assert (again.recorded.first, again.recorded.again) == (first.recorded.first, True)
        with pytest.raises(ConflictError, match="request `mine`"):
            set_fact(
                workspace,
                ask_fact(workspace, "ana", "setting", "on", detail=OFF, request="mine"),
            )
        with pytest.raises(ConflictError, match="request `mine`"):
            set_fact(
                workspace,
                ask_fact(workspace, "ben", "setting", "off", detail=OFF, request="mine"),
            )


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (("ana", "joind"), "unknown fact `joind`"),
        (("ana", "joined", "yes"), "fact `joined` with value `yes`, expected none"),
        (("ana", "setting", "off"), "fact `setting` without detail `setting`"),
        (("ana", "order", "hk"), "fact `order` with a member"),
        (("", "joined"), "the member’s id is empty"),
    ],
)
def test_what_is_no_fact_of_a_member_is_refused(
    opened: Open, given: tuple[str, ...], what: str
) -> None:
    with opened() as workspace:
        with pytest.raises(InputError) as caught:
            set_fact(workspace, ask_fact(workspace, *given))
        assert caught.value.message.startswith(what)
        assert size(workspace) == 1


def test_a_fact_of_before_is_attested(opened: Open) -> None:
    claim = Claim(since=NOW - 5, attested=ATTESTED)
    with opened() as workspace:
        set_fact(
            workspace,
            ask_fact(workspace, "ana", "setting", "off", detail=OFF, at=NOW - 9, claim=claim),
        )
        _, entry = (says for _, says in said(workspace))
        assert isinstance(entry, AttestedEntry)
        assert (entry.statement.claimed_at, entry.statement.attester.name) == (
            NOW - 5,
            "A. Auditor",
        )
        with pytest.raises(InputError, match="known since 2024-11-01"):
            set_fact(
                workspace,
                ask_fact(
                    workspace, "ana", "closed", claim=Claim(since=LATER, attested=ATTESTED)
                ),
            )


def test_what_surely_was_meant_otherwise_is_told(opened: Open) -> None:
    with opened() as workspace:
        odd = set_fact(workspace, ask_fact(workspace, "ana", "setting", "of", detail=OFF)).fact
        late = set_fact(
            workspace,
            ask_fact(workspace, "ana", "setting", "on", detail=OFF, at=NOW - 2 * 86_400),
        ).fact
        fine = set_fact(workspace, ask_fact(workspace, "ana", "objection-withdrawn")).fact
        assert [one.code for one in look_at(workspace, odd)] == ["setting-value"]
        assert [one.code for one in look_at(workspace, late)] == ["late-permit"]
        assert look_at(workspace, fine) == ()


def test_names_are_looked_up_in_the_versions_that_there_are(
    tmp_path: Path, opened: Open
) -> None:
    with opened() as workspace:
        publish(workspace, put(tmp_path / "p.yaml"))
        known = next(iter(policy()["settings"]))
        fine = set_fact(
            workspace, ask_fact(workspace, "ana", "setting", "off", detail={"setting": known})
        ).fact
        stray = set_fact(
            workspace, ask_fact(workspace, "ana", "setting", "off", detail=OFF)
        ).fact
        notice = set_fact(workspace, ask_fact(workspace, "ana", "notice", "another")).fact
        assert look_at(workspace, fine) == ()
        assert [one.code for one in look_at(workspace, stray)] == ["unknown-setting"]
        assert [one.code for one in look_at(workspace, notice)] == ["unknown-notice"]


def test_a_rehearsal_records_nothing(opened: Open) -> None:
    with opened() as workspace:
        asked = ask_fact(workspace, "ana", "setting", "of", detail=OFF, request="mine")
        # With her enrolment.
        assert rehearse_fact(workspace, asked) == 2
        assert [one.code for one in look_at(workspace, asked.fact)] == ["setting-value"]
        assert size(workspace) == 1
        made = set_fact(workspace, asked)
        assert (made.recorded.count, made.fact) == (2, asked.fact)
        assert rehearse_fact(workspace, asked) == 0
        assert rehearse_fact(workspace, ask_fact(workspace, "ana", "closed")) == 1


def test_a_rehearsal_refuses_what_recording_refuses(opened: Open) -> None:
    with opened() as workspace:
        asked = ask_fact(workspace, "ana", "closed")
        for do in (rehearse_fact, set_fact):
            with pytest.raises(ConflictError, match="nothing is known of member `ana`"):
                do(workspace, asked, doubted=True)
        large = ask_fact(workspace, "ana", "setting", "off", detail={"setting": "s" * 70_000})
        said = []
        for do in (rehearse_fact, set_fact):
            with pytest.raises(InputError) as caught:
                do(workspace, large)
            said.append(caught.value.code)
        assert said[0] == said[1]
        set_fact(workspace, ask_fact(workspace, "ana", "joined", request="mine"))
        other = ask_fact(workspace, "ana", "closed", request="mine")
        for do in (rehearse_fact, set_fact):
            with pytest.raises(ConflictError, match="request `mine`"):
                do(workspace, other)
