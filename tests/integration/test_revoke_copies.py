# SPDX-License-Identifier: Apache-2.0
"""What becomes of a copy that went out: its recipient is told, deletes, signs, and the log says what is not undone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.conftest import Program
from tests.integration.handed import DAY, LAB, OTHER, World, put_key, world
from tests.integration.revoked import LATER, ids_in, no, places_of, run, state_of

from privity.app.releases.examining.verifying import verify_release
from privity.app.releases.state.register import register_of
from privity.app.releases.taking_back.applying import ATTESTATION, Applied, apply_revocation
from privity.app.releases.taking_back.attesting_deletion import attest_revocation
from privity.app.releases.taking_back.notifying import Told, message_id, notify, set_address
from privity.app.releases.taking_back.outbox import SCHEDULE, Outbox
from privity.app.releases.taking_back.taking import Taking
from privity.app.releases.taking_back.undone import tainted, undone_of
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.places import Places
from privity.app.workspace.recording import publish_now, record
from privity.canonical.instants import Instant, format_instant
from privity.entries.model import ModelEntry
from privity.entries.run import RunStart
from privity.entries.webhook import public_text, verify_message
from privity.errors import ConflictError, InputError, PrivityError, VerificationError
from privity.release.files import Manifest
from privity.release.revocation import NOTICE, RECORDS, read_notice
from privity.store.posting import Answer
from privity.testing.plain import AT

ADDRESS = "https://lab.example.com/privity?token=only-ours"


@pytest.fixture
def lab(tmp_path: Path) -> World:
    """A workspace whose release is handed over and acknowledged; then a member says no, and it is taken back."""
    made = world(tmp_path)
    made.hand_over()
    made.acknowledge()
    no(made.made, "m3")
    run(made.made)
    publish(made)
    return made


def publish(made: World) -> None:
    with open_workspace(made.root) as workspace:
        publish_now(workspace)


def name_of(made: World) -> str:
    return state_of(made.made).revocations[-1].name


def bundle_of(made: World) -> Path:
    """The folder of the taking back, as the recipient was given it."""
    given = made.out.parent / "revocation"
    if not given.exists():
        taking = Taking.of(places_of(made.made), name_of(made))
        shutil.copytree(taking.bundle.root, given)
    return given


def apply(made: World, bundle: Path | None = None) -> Applied:
    key = put_key(made.out.parent / "lab.key")
    return apply_revocation(bundle or bundle_of(made), made.out, key, now=LATER + DAY)


def attest(made: World, path: Path) -> None:
    with open_workspace(made.root, now=LATER + DAY) as workspace:
        attest_revocation(workspace, name_of(made), path)


def refused(code: str, act: Callable[[], object]) -> PrivityError:
    with pytest.raises(PrivityError) as caught:
        act()
    assert caught.value.code == code
    return caught.value


def test_a_copy_becomes_the_next_revision(lab: World) -> None:
    """REL-105, REL-123: byte for byte what the operator has, and the old files are gone."""
    before = set(ids_in(lab.out))
    done = apply(lab)
    assert not done.already
    assert set(ids_in(lab.out)) == set(ids_in(lab.source)) < before
    mine, theirs = (
        Manifest.parse((one / "files.jsonl").read_bytes()) for one in (lab.out, lab.source)
    )
    assert mine == theirs
    assert {path.name for path in (lab.out / "table").glob("*.parquet")} == {
        line.path for line in mine.lines
    }
    assert verify_release(lab.out, lab.log).described.revision == 2
    assert done.removed


def test_it_may_be_applied_again(lab: World) -> None:
    """REL-123: also where it was stopped before the old files were deleted."""
    first = apply(lab)
    left = lab.out / "table" / first.removed[-1].rpartition("/")[2]
    left.write_bytes(b"left")
    again = apply(lab)
    assert again.already
    assert not left.exists()
    assert again.attestation.read_bytes() == first.attestation.read_bytes()


def test_what_the_recipient_is_given_has_no_content(lab: World) -> None:
    """REL-122: ids and files, signed by the key that the release's entry names."""
    bundle = bundle_of(lab)
    notice = read_notice((bundle / NOTICE).read_bytes(), state_of(lab.made).created.says.key)
    assert set(notice.files) == {path.name for path in bundle.iterdir() if path.name != NOTICE}
    assert pq.read_schema(bundle / RECORDS).names == ["file", "record_id"]
    assert pq.read_metadata(bundle / RECORDS).num_rows == notice.records
    assert b"body of" not in b"".join(path.read_bytes() for path in bundle.iterdir())
    for path in bundle.iterdir():
        assert "m3" not in path.read_text(errors="replace").split('"')


@pytest.mark.parametrize("file", [RECORDS, "release.json", "files.jsonl", "card.md"])
def test_what_is_not_what_was_signed_is_not_applied(lab: World, file: str) -> None:
    """REL-122: nothing of the copy is changed."""
    bundle = bundle_of(lab)
    path = bundle / file
    path.write_bytes(path.read_bytes() + b" ")
    before = ids_in(lab.out)
    refused("revoke/notice", lambda: apply(lab, bundle))
    assert ids_in(lab.out) == before


def test_a_notice_of_somebody_else_is_not_applied(lab: World) -> None:
    """REL-122: the key is that of the copy's own release."""
    bundle = bundle_of(lab)
    notice = read_notice((bundle / NOTICE).read_bytes(), state_of(lab.made).created.says.key)
    (bundle / NOTICE).write_bytes(notice.signed(OTHER))
    refused("entry/unsigned", lambda: apply(lab, bundle))


def test_other_records_than_the_log_names_are_not_taken_out(lab: World) -> None:
    """REL-123: even where the operator signs them."""
    bundle = bundle_of(lab)
    table = pq.read_table(bundle / RECORDS)
    other = next(one for one in ids_in(lab.source))
    ids = [other, *table["record_id"].to_pylist()[1:]]
    pq.write_table(table.set_column(1, "record_id", pa.array(ids)), bundle / RECORDS)
    sign(lab, bundle)
    before = ids_in(lab.out)
    refused("revoke/notice", lambda: apply(lab, bundle))
    assert ids_in(lab.out) == before


def sign(made: World, bundle: Path) -> None:
    """Sign a folder anew, as an operator who goes astray."""
    from dataclasses import replace  # noqa: PLC0415 - used here alone

    from privity.app.releases.state.signing import read_signer  # noqa: PLC0415 - likewise
    from privity.canonical.encode import digest_file  # noqa: PLC0415 - likewise

    signer = read_signer(made.root / "keys" / "release.key")
    notice = read_notice((bundle / NOTICE).read_bytes(), signer.public)
    files = {name: digest_file(bundle / name) for name in notice.files}
    (bundle / NOTICE).write_bytes(replace(notice, files=files).signed(signer))


def test_a_copy_that_is_packed_otherwise_is_left_as_it_was(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REL-105, REL-123: the notice names the version with which it can be done."""
    bundle, before = bundle_of(lab), content(lab.out)
    monkeypatch.setattr("privity.release.copy.LEVEL", 19)
    found = refused("revoke/other-bytes", lambda: apply(lab, bundle))
    assert f"with pyarrow {pa.__version__}" in found.message
    assert content(lab.out) == before
    monkeypatch.setattr("privity.app.releases.taking_back.applying.pa.__version__", "21.0.0")
    found = refused("revoke/other-bytes", lambda: apply(lab, bundle))
    monkeypatch.undo()
    assert "this is 21.0.0" in found.message
    assert f"pip install pyarrow=={pa.__version__}" in str(found.hint)
    apply(lab, bundle)


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, but for locks."""
    return {
        str(path): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }


def test_takings_back_are_applied_in_their_order(lab: World) -> None:
    """REL-123: a copy of another revision is left alone."""
    no(lab.made, "m4", at=LATER + DAY)
    run(lab.made, LATER + DAY)
    second = Taking.of(places_of(lab.made), name_of(lab)).bundle.root
    refused("revoke/revision", lambda: apply(lab, second))
    first = Taking.of(places_of(lab.made), state_of(lab.made).revocations[0].name).bundle.root
    apply(lab, first)
    apply(lab, second)
    assert set(ids_in(lab.out)) == set(ids_in(lab.source))


def test_an_attestation_is_entered_once(lab: World) -> None:
    """REL-124: signed by the key on the register, and of this taking back."""
    done = apply(lab)
    attest(lab, done.attestation)
    (ack,) = state_of(lab.made).revocations[0].acks
    assert ack.says.recipient == "self"
    assert lab.says("revocation.ack")[0]["attestation"] == ack.says.attestation
    refused("revoke/attested", lambda: attest(lab, done.attestation))


def test_what_another_key_signed_is_not_entered(lab: World) -> None:
    """REL-124."""
    bundle = bundle_of(lab)
    # Nothing tells then whose key it has to be.
    (lab.out / "acknowledgement.json").unlink()
    done = apply_revocation(
        bundle, lab.out, put_key(lab.out.parent / "other.key", OTHER), now=LATER
    )
    refused("entry/unsigned", lambda: attest(lab, done.attestation))
    assert state_of(lab.made).revocations[0].acks == ()


def test_what_says_something_else_is_not_entered(lab: World) -> None:
    """REL-124: fewer records, another root, another revision."""
    from dataclasses import replace  # noqa: PLC0415 - used here alone

    from privity.release.revocation import read_attestation  # noqa: PLC0415 - likewise

    done = apply(lab)
    said = read_attestation(done.attestation.read_bytes(), LAB.public)
    for change in (
        {"records": said.records + 1},
        {"members_root": bytes(32)},
        {"files_root": bytes(32)},
        {"next": said.next + 1},
        {"recipient": "lab"},
        {"origin": "another.example/log"},
    ):
        done.attestation.write_bytes(replace(said, **change).signed(LAB))
        refused("revoke/attestation", lambda: attest(lab, done.attestation))
    refused("revoke/unreadable", lambda: attest(lab, lab.out / "nothing"))


def test_the_names_of_records_stay_until_the_copy_is_attested(lab: World) -> None:
    """REL-107: until then somebody needs them."""
    taking = Taking.of(places_of(lab.made), name_of(lab))
    run(lab.made, LATER + 8 * DAY)
    assert taking.root.exists()
    attest_late = apply(lab).attestation
    with open_workspace(lab.root, now=LATER + 8 * DAY) as workspace:
        attest_revocation(workspace, name_of(lab), attest_late)
    run(lab.made, LATER + 8 * DAY)
    assert not taking.root.exists()


@dataclass
class Receiver:
    """Whoever receives messages: answers as it is told, and keeps what came."""

    answers: list[Answer]
    came: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    def __call__(self, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        assert address == ADDRESS
        self.came.append((headers, body))
        return self.answers.pop(0)


def tell(
    made: World, receiver: Receiver, *, at: Instant = LATER, again: bool = False
) -> tuple[Told, ...]:
    with open_workspace(made.root, now=at) as workspace:
        return notify(workspace, again=again, send=receiver).told


def with_address(made: World) -> str:
    with open_workspace(made.root) as workspace:
        return set_address(workspace, "self", ADDRESS)


def test_a_recipient_is_told_once_by_a_signed_message(lab: World) -> None:
    """REL-120, REL-121: it names the taking back and its deadline, no record and no member."""
    key = with_address(lab)
    assert key == public_text(state_of(lab.made).created.says.key)
    receiver = Receiver([Answer(status=204)])
    (told,) = tell(lab, receiver)
    assert told.became == "told"
    ((headers, body),) = receiver.came
    message = verify_message(headers, body, key=key, now=LATER)
    assert message.id == message_id("example.com/log/simulated", name_of(lab), "self")
    said = json.loads(body)
    assert said["type"] == "release.revoked"
    assert said["data"]["revocation"] == name_of(lab)
    assert said["data"]["records"] == state_of(lab.made).revocations[0].due.says.records
    assert "m3" not in body.decode()
    assert tell(lab, receiver) == ()
    (entered,) = state_of(lab.made).revocations[0].notified
    assert (entered.says.ok, entered.says.message) == (True, message.id)


def test_who_does_not_answer_is_told_again_by_a_schedule(lab: World) -> None:
    """REL-121: the same name and body, each time later, until it is given up; that is entered."""
    with_address(lab)
    receiver = Receiver([Answer(status=None), *[Answer(status=500)] * 20])
    now = LATER
    for attempt in range(len(SCHEDULE)):
        (told,) = tell(lab, receiver, at=now)
        assert told.became == "waits"
        assert told.next_at is not None
        assert told.next_at - now >= SCHEDULE[attempt]
        assert tell(lab, receiver, at=told.next_at - 1)[0].became == "waits"
        assert len(receiver.came) == attempt + 1
        now = told.next_at
    (told,) = tell(lab, receiver, at=now)
    assert told.became == "given-up"
    assert {headers["webhook-id"] for headers, _ in receiver.came} == {told.message}
    assert len({body for _, body in receiver.came}) == 1
    assert [one.says.ok for one in state_of(lab.made).revocations[0].notified] == [False]
    assert tell(lab, receiver, at=now + DAY) == ()
    receiver.answers = [Answer(status=200)]
    assert tell(lab, receiver, at=now + DAY, again=True)[0].became == "told"


def test_who_asks_for_time_is_given_it_and_who_is_gone_is_left_alone(lab: World) -> None:
    """REL-121: `retry-after`, and 410."""
    with_address(lab)
    receiver = Receiver([Answer(status=429, after=9_999), Answer(status=410)])
    (told,) = tell(lab, receiver)
    assert told.next_at is not None
    assert told.next_at >= LATER + 9_999
    assert tell(lab, receiver, at=told.next_at)[0].became == "given-up"
    assert Outbox(Places(lab.root)).addresses() == {}
    assert tell(lab, receiver, at=told.next_at, again=True)[0].became == "no-address"


def test_no_address_is_said_and_none_is_told_to_anybody(lab: World) -> None:
    """REL-121: an address may be a secret: it stands in no entry, and the file is its owner's alone."""
    assert tell(lab, Receiver([]))[0].became == "no-address"
    with_address(lab)
    assert (lab.root / "keys" / "webhooks.json").stat().st_mode & 0o077 == 0
    tell(lab, Receiver([Answer(status=200)]))
    assert "only-ours" not in str(lab.made.entries())


@pytest.mark.parametrize(
    "address",
    ["http://lab.example.com/", "ftp://lab.example.com", "https://", "https://a:b@lab.example.com/",
     "lab", "https://lab.example.com/ x", "https://[::1"],
)  # fmt: skip
def test_messages_go_to_addresses_of_the_web_alone(lab: World, address: str) -> None:
    with open_workspace(lab.root) as workspace:
        error = refused("webhook/address", lambda: set_address(workspace, "self", address))
        assert isinstance(error, InputError)
        assert "a:b" not in error.message
        set_address(workspace, "self", "http://127.0.0.1:8000/")


def test_whoever_has_no_copy_is_told_nothing(tmp_path: Path) -> None:
    """REL-121."""
    made = world(tmp_path)
    no(made.made, "m3")
    run(made.made)
    with_address(made)
    assert tell(made, Receiver([])) == ()


def undone(made: World) -> Mapping[str, Any]:
    with open_workspace(made.root, now=LATER) as workspace:
        register = register_of(workspace)
        found = undone_of(register, register.release("first"))
    return {"copies": [one.mapping(LATER) for one in found.copies], "runs": found.runs}


def test_a_copy_that_went_out_is_told_of_until_it_is_attested(lab: World) -> None:
    """REL-125: since when, and what was done about it."""
    (copy,) = undone(lab)["copies"]
    (one,) = copy["revocations"]
    assert (copy["recipient"], copy["revision"]) == ("self", 1)
    assert (one["told"], one["attested"], one["overdue"]) == (None, None, False)
    with_address(lab)
    tell(lab, Receiver([Answer(status=200)]))
    attest(lab, apply(lab).attestation)
    (one,) = undone(lab)["copies"][0]["revocations"]
    assert one["told"] is not None
    assert one["attested"] is not None


def test_errors_are_of_their_families(lab: World) -> None:
    """Whose move it is next."""
    assert isinstance(refused("revoke/missing", lambda: apply(lab, lab.out)), InputError)
    other = refused("revoke/unreadable", lambda: attest(lab, lab.out / "no"))
    assert isinstance(other, InputError)
    done = apply(lab)
    attest(lab, done.attestation)
    again = refused("revoke/attested", lambda: attest(lab, done.attestation))
    assert isinstance(again, ConflictError)
    assert not isinstance(again, VerificationError)
    assert done.attestation.name == ATTESTATION


def test_a_model_keeps_what_it_was_trained_on_and_so_does_what_is_made_from_it(
    tmp_path: Path,
) -> None:
    """REL-125: decided by which revision a run read; fine-tuning from a model that had them counts."""
    made = world(tmp_path)
    enter(made, run_of("one", 1), model_of("base", "one"), at=AT + 1)
    no(made.made, "m3")
    run(made.made)
    enter(made, run_of("two", 2, base="base"), model_of("fine", "two", base="base"))
    enter(made, run_of("three", 2), model_of("clean", "three"))
    with open_workspace(made.root) as workspace:
        register = register_of(workspace)
    found = undone_of(register, register.release("first"))
    assert found.copies == ()
    (one,) = found.runs
    assert (one.run.name, one.revision) == ("one", 1)
    assert [model.name for model in one.models] == ["base"]
    assert [model.name for model in one.derived] == ["fine"]
    assert one.records == register.release("first").revocations[0].due.says.records
    for name, behind in (("base", ["one"]), ("fine", ["one"]), ("clean", [])):
        assert [each.run.name for each in tainted(register, register.model(name))] == behind


def run_of(name: str, revision: int, base: str | None = None) -> RunStart:
    return RunStart(
        run=name,
        recipient="self",
        releases=(("first", revision),),
        ledger_size=10,
        code="0" * 64,
        config="1" * 64,
        base=base,
    )


def model_of(name: str, of: str, base: str | None = None) -> ModelEntry:
    return ModelEntry(model=name, run=of, sha256="2" * 64, base=base)


def enter(made: World, *says: RunStart | ModelEntry, at: Instant = LATER) -> None:
    with open_workspace(made.root, now=at) as workspace:
        record(workspace, list(says))


def test_who_has_several_copies_attests_of_all(tmp_path: Path, program: Program) -> None:
    """[REL-124] That there is no other copy it does not show: both are told so."""
    made = world(tmp_path)
    other = made.out.with_name("other")
    made.hand_over()
    made.hand_over(out=other)
    made.acknowledge()
    no(made.made, "m3")
    run(made.made)
    publish(made)
    done = apply(made)
    name = name_of(made)
    told = program(
        *("revoke", "attest", name, done.attestation, "--workspace", made.root),
        *("--now", format_instant(LATER)),
    )
    assert told.code == 0
    assert "note: 2 copies with these records went out" in told.err


def test_nobody_attests_by_a_copy_that_never_had_the_records(lab: World) -> None:
    """[REL-124] It is of the next revision from the beginning; another copy may have them still."""
    later = lab.out.with_name("later")
    lab.hand_over(out=later, at=LATER)
    bundle = bundle_of(lab)
    key = put_key(lab.out.parent / "lab.key")
    shutil.copy(lab.out / "acknowledgement.json", later / "acknowledgement.json")
    error = refused("revoke/revision", lambda: apply_revocation(bundle, later, key, now=LATER))
    assert "was handed over as revision 2" in error.message
    assert not (bundle / ATTESTATION).exists()
    # The one that had them is attested, also when it is asked again.
    assert not apply(lab).already
    assert apply(lab).already
