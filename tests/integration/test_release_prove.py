# SPDX-License-Identifier: Apache-2.0
"""A member is shown what of hers releases have, and that they have nothing else ([REL-34], [REL-35])."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.conftest import Program
from tests.integration.releases import folder_of, release
from tests.integration.workspaces import MEMBERS, Made, make

from privity.app.releases.examining.verifying import verify_release
from privity.app.releases.members.member_proving import check_member_proof, prove_member
from privity.app.releases.members.membership import LEAVES, release_index
from privity.app.releases.taking_back.revoking import revoke
from privity.app.workspace.erasing import erase_members
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import key_name, publish_now
from privity.entries.receipts import Receipt, ReceiptEvent
from privity.entries.streams import event_key, tag_of
from privity.errors import ConflictError, PrivityError, UnavailableError, VerificationError
from privity.ledger.forms import to_base64
from privity.release.member_proof import MemberProof, Shown, open_member_proof
from privity.testing.plain import AT, said

NOBODY = "nobody"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A workspace with two releases."""
    made = make(tmp_path_factory.mktemp("prove"))
    release(made)
    release(made, name="second")
    return made


def expected(made: Made, member: str, name: str = "first") -> set[str]:
    """The records of which somebody is a party; of this policy, no group message has an audience that is asked."""
    table = private_of(made, name)
    return {
        row["record_id"]
        for row in table.select(["record_id", "author", "recipients"]).to_pylist()
        if member in {row["author"], *row["recipients"]}
    }


def private_of(made: Made, name: str) -> pa.Table:
    paths = sorted((made.root / "vault" / "releases" / name).glob("*.parquet"))
    return pa.concat_tables(pq.read_table(path) for path in paths)


def proof_of(made: Made, member: str, name: str | None = None) -> MemberProof:
    with open_workspace(made.root) as workspace:
        return prove_member(workspace, member, release=name).proof


def key_of(made: Made, member: str) -> bytes:
    with open_workspace(made.root) as workspace:
        held = workspace.keys.get(key_name(member))
        assert held is not None
        return held.secret


def vkey_of(made: Made) -> Path:
    return made.root / "public" / "vkey"


def receipt_of(made: Made, member: str) -> Receipt:
    """What she holds: the events of her stream, their payloads left out."""
    key = key_of(made, member)
    with open_workspace(made.root) as workspace:
        entries = list(workspace.store.entries(0, workspace.store.head().size))
        origin = workspace.settings.origin
    events = []
    number = 1
    while True:
        tag = to_base64(tag_of(event_key(key, number))).encode()
        mine = [one for one in entries if tag in one.data]
        if not mine:
            break
        events.append(ReceiptEvent(index=mine[0].place, entry=mine[0].data, payload=None))
        number += 1
    return Receipt(origin=origin, member=member, key=key, events=tuple(events))


def test_every_member_is_shown_her_records_and_nobody_none(made: Made, tmp_path: Path) -> None:
    some = 0
    for member in (*MEMBERS, NOBODY):
        path = tmp_path / "proof.json"
        path.write_bytes(proof_of(made, member).to_bytes())
        found = check_member_proof(path, (str(vkey_of(made)),))
        assert [one.says.release for one in found.shown] == ["first", "second"]
        for shown in found.shown:
            assert set(shown.records) == expected(made, member, shown.says.release)
            some += bool(shown.records)
    assert some > len(MEMBERS)


def test_the_command_shows_and_checks(made: Made, program: Program, tmp_path: Path) -> None:
    out, receipt = tmp_path / "proof.json", tmp_path / "receipt.json"
    workspace = ("--workspace", str(made.root))
    shown = program("release", "prove", "--member", "m0", *workspace, "--out", str(out))
    count = len(expected(made, "m0"))
    assert f"first, revision 1: {count} records of hers" in shown.out
    told = json.loads(
        program(
            "release", "prove", "--member", "m0", *workspace, "--release", "first", "--json"
        ).out
    )
    assert set(told["releases"][0]["records"]) == expected(made, "m0")
    vkey = ("--vkey", str(vkey_of(made)))
    held = program("release", "check-proof", str(out), *vkey)
    assert "m0 has records in 2 of 2 releases" in held.out
    assert "--receipt" in held.out
    receipt.write_bytes(receipt_of(made, "m0").to_bytes())
    compared = json.loads(
        program(
            "release", "check-proof", str(out), *vkey, "--receipt", str(receipt), "--json"
        ).out
    )
    assert compared["compared_with_receipt"]
    receipt.write_bytes(receipt_of(made, "m1").to_bytes())
    with pytest.raises(VerificationError, match="another member"):
        check_member_proof(out, (str(vkey_of(made)),), receipt=receipt)


def test_a_proof_by_another_key_is_refused(made: Made) -> None:
    """Whoever makes one with a tag that is not hers is caught by her receipt."""
    proof = proof_of(made, "m0")
    with open_workspace(made.root) as workspace:
        vkeys = workspace.log.vkeys
    open_member_proof(proof, vkeys, key=key_of(made, "m0"))
    with pytest.raises(VerificationError, match="not the member"):
        open_member_proof(proof, vkeys, key=key_of(made, "m1"))


def changed(change: Callable[[dict[str, Any]], object]) -> Callable[[bytes], bytes]:
    def apply(data: bytes) -> bytes:
        value = json.loads(data)
        change(value)
        return json.dumps(
            value, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()

    return apply


def claim(value: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(
        one for one in value["releases"][0]["claims"] if "records" in one
    )
    return found


def without_records(value: dict[str, Any]) -> None:
    one = claim(value)
    del one["records"], one["salt"]
    proof = bytearray(b64decode(one["proof"]))
    proof[0] = 1
    one["proof"] = b64encode(proof).decode()


MUTANTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "a record less": lambda value: claim(value)["records"].pop(),
    "a record more": lambda value: claim(value)["records"].append("zzz"),
    "records in another order": lambda value: claim(value)["records"].reverse(),
    "another salt": lambda value: claim(value).update(salt=b64encode(bytes(32)).decode()),
    "another tag": lambda value: claim(value).update(tag=b64encode(bytes(32)).decode()),
    "said not to be in": without_records,
    "no claim": lambda value: value["releases"][0]["claims"].clear(),
    "a claim twice": lambda value: value["releases"][0]["claims"].append(claim(value)),
    "a release twice": lambda value: value["releases"].append(value["releases"][0]),
    "the proof of another entry": lambda value: value["releases"][0].update(
        log=value["releases"][1]["log"]
    ),
    "the entry of another release": lambda value: value["releases"][0].update(
        entry=value["releases"][1]["entry"], log=value["releases"][1]["log"]
    ),
    "another log": lambda value: value.update(origin="example.com/other"),
    "an unknown key": lambda value: value.update(more=1),
    "no member": lambda value: value.update(member=""),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_proof_that_was_changed_is_refused(made: Made, tmp_path: Path, name: str) -> None:
    path = tmp_path / "proof.json"
    path.write_bytes(changed(MUTANTS[name])(proof_of(made, "m0").to_bytes()))
    with pytest.raises(PrivityError) as refused:
        check_member_proof(path, (str(vkey_of(made)),))
    assert refused.value.exit_code in {2, 3}


def test_no_bit_of_a_proof_can_change(made: Made, tmp_path: Path) -> None:
    data = proof_of(made, "m0", "first").to_bytes()
    path, random = tmp_path / "proof.json", Random(5)
    with open_workspace(made.root) as workspace:
        vkeys = workspace.log.vkeys
    truth = open_member_proof(MemberProof.parse(data), vkeys, key=key_of(made, "m0"))
    for _ in range(300):
        flipped = bytearray(data)
        flipped[random.randrange(len(data))] ^= 1 << random.randrange(8)
        path.write_bytes(flipped)
        try:
            proof = MemberProof.parse(bytes(flipped))
            shown = open_member_proof(proof, vkeys, key=key_of(made, "m0"))
        except PrivityError:
            continue
        # Nobody signs whose name stands on it; what it shows is the same.
        assert shown == truth
        assert replace(proof, member="m0") == MemberProof.parse(data)


def test_where_the_index_was_lost_it_is_made_again(tmp_path: Path) -> None:
    """[REL-33]."""
    made = make(tmp_path)
    release(made)
    before = [proof_of(made, member) for member in MEMBERS]
    with open_workspace(made.root) as workspace, release_index(workspace) as index:
        held = [index.of_member(key_name(member)) for member in MEMBERS]
        whole = index.get("first")
    for path in (made.root / "vault").glob("releases.db*"):
        path.unlink()
    assert [proof_of(made, member) for member in MEMBERS] == before
    with open_workspace(made.root) as workspace, release_index(workspace) as index:
        assert [index.of_member(key_name(member)) for member in MEMBERS] == held
        assert index.get("first") == whole


def test_the_index_says_which_releases_hold_her_records(made: Made, program: Program) -> None:
    """[REL-33]."""
    asked = ("release", "holding", "--workspace", str(made.root), "--member")
    found = json.loads(program(*asked, "m0", "--json").out)
    assert [(one["release"], one["records"]) for one in found["releases"]] == [
        ("first", len(expected(made, "m0"))),
        ("second", len(expected(made, "m0", "second"))),
    ]
    assert "m0: records in 2 releases" in program(*asked, "m0").out
    assert not program(*asked, "m0").err
    nobody = program(*asked, NOBODY)
    assert nobody.out == f"{NOBODY}: records in 0 releases\n"
    assert nobody.err == f"warning: nothing is known of member `{NOBODY}` here\n"


def test_of_whom_nothing_is_known_may_be_mistyped(made: Made, program: Program) -> None:
    asked = ("release", "prove", "--workspace", str(made.root), "--member")
    mistyped = program(*asked, "mm0")
    assert "mm0: records in 0 of 2 releases" in mistyped.out
    assert "warning: nothing is known of member `mm0` here, expected `m0`" in mistyped.err


def test_what_is_not_published_is_not_proved_yet(tmp_path: Path) -> None:
    made = make(tmp_path)
    release(made, publish=False)
    with pytest.raises(ConflictError) as refused:
        proof_of(made, "m0")
    assert refused.value.code == "release/not-published"


def is_damaged(made: Made, member: str) -> bool:
    try:
        proof_of(made, member)
    except PrivityError:
        return True
    return False


def test_what_was_taken_back_is_in_no_proof_any_more(tmp_path: Path) -> None:
    """[REL-32]: hers are gone, and those whose parties were others too are gone of them."""
    made = make(tmp_path)
    release(made)
    member = next(one for one in MEMBERS if expected(made, one))
    before = {one: expected(made, one) for one in MEMBERS}
    later = AT + 86_400
    made.record(said("2025-03-01", "off", member=member), at=later)
    with open_workspace(made.root, now=later) as workspace:
        (done,) = revoke(workspace).releases
        # Whoever quotes what goes, goes too.
        assert done.records >= len(before[member])
        publish_now(workspace)
    check_all(made, before, member)
    # Places are counted anew where the index is made again, and everything is shown as before.
    for path in (made.root / "vault").glob("releases.db*"):
        path.unlink()
    check_all(made, before, member)


def check_all(made: Made, before: dict[str, set[str]], member: str) -> None:
    for one in MEMBERS:
        (shown,) = shown_of(made, one)
        assert shown.says.revision == 2
        assert set(shown.records) == expected(made, one) <= before[one] - before[member]


def test_of_who_was_erased_no_byte_is_left_in_the_index(tmp_path: Path) -> None:
    """[REL-33]."""
    made = make(tmp_path)
    release(made)
    member = next(one for one in MEMBERS if len(one) == 3 and expected(made, one))
    with open_workspace(made.root) as workspace, release_index(workspace) as index:
        tag = index.of_member(key_name(member))["first"].tag
    later = AT + 86_400
    with open_workspace(made.root, now=later) as workspace:
        erase_members(workspace, [member])
        revoke(workspace)
    files = list((made.root / "vault").glob("releases.db*"))
    assert files
    for path in files:
        data = path.read_bytes()
        assert tag not in data
        assert key_name(member).encode() not in data
    assert expected(made, member) == set()


def test_nothing_is_shown_of_who_came_back_while_old_records_are_there(tmp_path: Path) -> None:
    """Her new tags are in no release, and her old records are: neither would be the whole truth."""
    made = make(tmp_path)
    release(made)
    member = next(one for one in MEMBERS if expected(made, one))
    later = AT + 86_400
    with open_workspace(made.root, now=later) as workspace:
        erase_members(workspace, [member])
        publish_now(workspace)
    with pytest.raises(ConflictError) as refused:
        proof_of(made, member)
    assert refused.value.code == "release/erased-there"
    with open_workspace(made.root, now=later) as workspace:
        revoke(workspace)
        publish_now(workspace)
    (shown,) = shown_of(made, member)
    assert shown.records == ()


def test_verifying_sees_that_the_sidecar_is_of_these_rows(tmp_path: Path) -> None:
    """[REL-31]: the root may be right, and the rows others."""
    made = make(tmp_path)
    release(made)
    folder = folder_of(made)
    verify_release(folder.root, str(made.root))
    (path,) = list(folder.members.glob("part-*.parquet"))[:1]
    table = pq.read_table(path)
    order = pa.array(reversed(range(table.num_rows)))
    pq.write_table(table.take(order), path)
    with pytest.raises(VerificationError) as refused:
        verify_release(folder.root, str(made.root))
    assert refused.value.code == "release/sidecar"


def shown_of(made: Made, member: str) -> tuple[Shown, ...]:
    with open_workspace(made.root) as workspace:
        return prove_member(workspace, member).shown


def test_leaves_that_were_damaged_are_found(tmp_path: Path) -> None:
    made = make(tmp_path)
    release(made)
    path = made.root / "vault" / "releases" / "first" / LEAVES
    data = path.read_bytes()
    path.write_bytes(data[:-1])
    with pytest.raises(UnavailableError) as refused:
        proof_of(made, "m0")
    assert refused.value.code == "release/leaves"
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert any(is_damaged(made, member) for member in MEMBERS)
    assert (folder_of(made).members / "tags.parquet").exists()
