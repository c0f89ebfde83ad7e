# SPDX-License-Identifier: Apache-2.0
"""A platform that keeps its workspace open: what it records is heeded by the next question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from tests.property.recorded import ORIGIN, Said, policy_said, record_at

import privity
from privity.app.live import LiveWorkspace
from privity.app.workspace.founding import found_workspace
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.rotating import BOTH_SIGN, rotate_keys
from privity.canonical.encode import encode
from privity.canonical.instants import Instant, parse_instant
from privity.config.workspace import WorkspaceSettings
from privity.entries.recipient import RecipientEntry
from privity.errors import ConflictError, InputError, UnavailableError
from privity.ledger.note import Vkey
from privity.release.check_file import CheckFile, open_check_file
from privity.testing.plain import NOTICE, POLICY, SETTING


@dataclass
class Clock:
    """A clock that goes when it is told to."""

    time: Instant

    def __call__(self) -> Instant:
        return self.time

    def go_to(self, text: str) -> None:
        self.time = parse_instant(text)


@pytest.fixture
def clock() -> Clock:
    return Clock(parse_instant("2024-09-01T00:00:00Z"))


@pytest.fixture
def network(tmp_path: Path, clock: Clock) -> Path:
    """A workspace with a policy and a recipient, on the first of September 2024."""
    root = tmp_path / "network"
    settings = WorkspaceSettings(origin=ORIGIN, clock="simulated", attested="restrict")
    found_workspace(root, settings, now=clock.time)
    text = encode({**POLICY, "published_at": "2024-09-01T00:00:00Z"})
    with open_workspace(root) as workspace:
        says: list[Said] = [
            policy_said(text),
            RecipientEntry(action="added", id="self", at=clock.time, role="controller"),
        ]
        record_at(workspace, clock.time, says, [text])
    return root


@pytest.fixture
def live(network: Path, clock: Clock) -> Iterator[LiveWorkspace]:
    with privity.open_workspace(network, now=clock) as workspace:
        yield workspace


def join(live: LiveWorkspace, clock: Clock, member: str) -> None:
    """Have somebody join, and be told of the setting once its notice is in force."""
    live.record(member, "joined")
    live.record(member, "jurisdiction", "US", detail={"evidence": "declared"})
    live.record(member, "birth_date", "1990-01-01")
    clock.go_to("2024-09-18T00:00:00Z")
    live.record(member, "notice", NOTICE)


def post_of(author: str) -> dict[str, object]:
    return {
        "record_id": "p1",
        "category": "post",
        "created_at": "2024-12-01T00:00:00Z",
        "author": author,
    }


def test_a_no_is_heeded_by_the_next_question_and_so_is_a_yes(
    live: LiveWorkspace, clock: Clock
) -> None:
    join(live, clock, "ana")
    clock.go_to("2025-01-01T00:00:00Z")
    assert live.decide(post_of("ana"), purpose="genai-training", recipient="self").permit
    live.record("ana", "setting", "off", detail={"setting": SETTING})
    assert live.decide(post_of("ana"), purpose="genai-training", recipient="self").reasons == (
        "opted-out",
    )
    clock.go_to("2025-01-02T00:00:00Z")
    live.record("ana", "setting", "on", detail={"setting": SETTING, "scope": "all"})
    assert live.decide(post_of("ana"), purpose="genai-training", recipient="self").permit


def test_a_member_is_the_same_however_a_library_writes_her_number(
    live: LiveWorkspace, clock: Clock
) -> None:
    """And what is nobody's id is recorded of nobody."""
    join(live, clock, "471")
    clock.go_to("2025-01-01T00:00:00Z")
    for author in (471, np.int64(471), "471"):
        post = {**post_of("471"), "author": author}
        assert live.decide(post, purpose="genai-training", recipient="self").permit
    size = live.status().size
    for member in (471.0, np.float64(471), b"471", "471.0"):
        with pytest.raises(InputError) as caught:
            live.record(member, "setting", "off", detail={"setting": SETTING})  # type: ignore[arg-type]  # what is asked
        assert caught.value.code == "records/column-type"
    assert live.status().size == size
    live.record(np.int64(471), "setting", "off", detail={"setting": SETTING})  # type: ignore[arg-type]  # as pandas has it
    assert live.decide(post_of("471"), purpose="genai-training", recipient="self").reasons == (
        "opted-out",
    )


def test_a_workspace_is_used_before_it_is_closed_and_by_one_thread(
    network: Path, clock: Clock
) -> None:
    """Both are errors of the package, not of what is below it."""
    with privity.open_workspace(network, now=clock) as live:
        raised: list[Exception] = []

        def ask() -> None:
            try:
                live.record("ana", "joined")
            except UnavailableError as error:
                raised.append(error)

        other = Thread(target=ask)
        other.start()
        other.join()
        assert [type(one) for one in raised] == [UnavailableError]
    for use in (
        lambda: live.record("ana", "joined"),
        lambda: live.decide(post_of("ana"), purpose="genai-training", recipient="self"),
    ):
        with pytest.raises(UnavailableError) as caught:
            use()
        assert caught.value.code == "store/not-open"


def test_what_another_process_records_is_heeded_too(
    live: LiveWorkspace, network: Path, clock: Clock
) -> None:
    join(live, clock, "ana")
    clock.go_to("2025-01-01T00:00:00Z")
    assert live.decide(post_of("ana"), purpose="genai-training", recipient="self").permit
    with privity.open_workspace(network, now=clock) as other:
        other.record("ana", "closed")
    assert live.decide(post_of("ana"), purpose="genai-training", recipient="self").reasons == (
        "account-closed",
    )


def test_a_quoted_record_is_looked_up_with_its_own_parties(
    live: LiveWorkspace, clock: Clock
) -> None:
    join(live, clock, "ana")
    live.record("ben", "joined")
    clock.go_to("2025-01-01T00:00:00Z")
    quoter = {**post_of("ana"), "quotes": ["p0"]}
    assert live.decide(quoter, purpose="genai-training", recipient="self").reasons == (
        "unknown-quote",
    )
    quoted = {**post_of("ben"), "record_id": "p0"}
    reasons = live.decide(
        quoter, records=[quoted], purpose="genai-training", recipient="self"
    ).reasons
    assert "unknown-jurisdiction" in reasons
    assert "unknown-quote" not in reasons


def test_the_view_of_a_member_is_hers(live: LiveWorkspace, clock: Clock) -> None:
    join(live, clock, "ana")
    clock.go_to("2025-01-01T00:00:00Z")
    view = live.view("ana", purpose="genai-training")
    assert (view.member, view.version) == ("ana", "2024-09-18")
    uses = {use.category: use for use in view.uses}
    assert uses["post"].permitted
    assert not uses["inmail"].permitted
    assert not any(use.permitted for use in live.view("nobody", purpose="genai-training").uses)


def test_a_request_that_is_repeated_is_entered_once(live: LiveWorkspace) -> None:
    first = live.record("ana", "joined", request="sign-up-1")
    again = live.record("ana", "joined", request="sign-up-1")
    assert (again.first, again.again) == (first.first, True)
    with pytest.raises(ConflictError):
        live.record("ana", "closed", request="sign-up-1")


def test_what_was_recorded_is_published(live: LiveWorkspace, network: Path) -> None:
    before = (
        (network / "public" / "checkpoint").read_bytes()
        if (network / "public" / "checkpoint").exists()
        else b""
    )
    live.record("ana", "joined")
    assert live.publish()
    assert (network / "public" / "checkpoint").read_bytes() != before


def test_a_member_gets_what_she_holds(live: LiveWorkspace) -> None:
    """[REL-36]: her receipt at once, and the proofs once it is published; of nobody else."""
    assert live.check_file("ana") is None
    live.record("ana", "joined")
    live.record("ben", "joined")
    early = live.check_file("ana")
    assert early is not None
    assert CheckFile.parse(early).proofs == ()
    live.publish()
    live.record("ana", "setting", "off", detail={"setting": SETTING})
    data = live.check_file("ana")
    assert data is not None
    file = CheckFile.parse(data)
    held = open_check_file(file, [Vkey.parse(one) for one in live.vkeys()])
    assert (len(held.events), held.in_log, held.releases) == (3, 2, ())
    assert file.receipt.member == "ana"
    assert live.receipt("ana") == file.receipt.to_bytes()
    assert live.receipt("cy") is None


def test_the_policy_is_that_of_the_ledger(live: LiveWorkspace) -> None:
    assert [one.version for one in live.policy().versions] == ["2024-09-18"]


def test_what_the_version_in_force_says_is_told_in_words(
    live: LiveWorkspace, clock: Clock
) -> None:
    assert live.words() is None  # it takes effect on the eighteenth
    clock.go_to("2024-09-18T00:00:00Z")
    page = live.words()
    assert page is not None
    promises = [
        line for one in page.sections for line in one.lines if line.label == "subscription"
    ]
    assert any(sentence.startswith("No use of private") for sentence in promises[0].sentences)


def test_a_clock_is_set_nowhere_but_where_it_is_simulated(tmp_path: Path, clock: Clock) -> None:
    root = tmp_path / "real"
    found_workspace(
        root, WorkspaceSettings(origin="a.example/log", clock="system", attested="restrict")
    )
    with pytest.raises(InputError) as caught, privity.open_workspace(root, now=clock):
        pass
    assert caught.value.code == "workspace/clock"
    with privity.open_workspace(root) as live:
        assert live.now() > clock.time


def test_who_keeps_it_open_knows_a_key_that_was_exchanged(network: Path, clock: Clock) -> None:
    """Another process exchanges the key; a month later the one before has signed for the last time."""
    with privity.open_workspace(network, now=clock) as live:
        live.record("ana", "setting", "on", detail={"setting": SETTING})
        live.publish()
        with open_workspace(network, now=clock.time) as other:
            done = rotate_keys(other)
        assert live.vkeys() == (done.vkey, done.previous)
        clock.time += BOTH_SIGN + 1
        for value in ("off", "on"):
            live.record("ana", "setting", value, detail={"setting": SETTING})
            assert live.publish()
        found = live.status()
        assert (found.well, found.signed_by) == (True, (done.vkey,))
        assert live.check_file("ana") is not None
