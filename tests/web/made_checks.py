# SPDX-License-Identifier: Apache-2.0
"""Make the cases of `tests/vectors/check.json`: what members hold, and what somebody made of it.

    python -m tests.web.made_checks >tests/vectors/check.json

Keys are random, so that each time gives other bytes; the cases that are kept were made once. What Python says of a case
is written beside it, and both verifiers are held to it.
"""

from __future__ import annotations

import base64
import hmac
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.integration.releases import release
from tests.integration.workspaces import Made, make

from privity.app.held_by_member import check_file_of
from privity.app.public_tree.opening import open_tree
from privity.app.public_tree.proving import prove_entry
from privity.app.workspace.opening import open_workspace
from privity.canonical.encode import encode_canonical
from privity.entries.decode import PrivateEntry
from privity.entries.envelope import decode_limited
from privity.entries.receipts import LostEntry, Receipt, open_receipt
from privity.entries.streams import commit
from privity.errors import PrivityError
from privity.ledger.note import Signer, Vkey
from privity.release.check_file import LARGEST, CheckFile, open_check_file
from privity.release.member_proof import MemberProof, open_member_proof
from privity.testing.plain import AT, fact

Value = dict[str, Any]
Change = Callable[[Value], None]

MEMBER, OTHER, QUIET = "m0", "m1", "quiet"
NEVER_READ = "notes"


def shown_by_python(text: str, vkey: str) -> Value:
    """Say what Python's verifier says of a file: what it shows, or the code of its error."""
    try:
        data, vkeys = text.encode(), [Vkey.parse(one) for one in vkey.split("\n")]
        value = decode_limited(data, largest=LARGEST)
        schema = value.get("schema") if isinstance(value, dict) else None
        if schema == Receipt.SCHEMA:
            events = open_receipt(Receipt.parse(data))
            return {"events": len(events), "releases": {}, **_lost(events)}
        if schema == MemberProof.SCHEMA:
            shown = open_member_proof(MemberProof.parse(data), vkeys)
            return {
                "events": 0,
                "releases": {one.says.release: list(one.records) for one in shown},
            }
        found = open_check_file(CheckFile.parse(data), vkeys)
    except PrivityError as error:
        return {"code": error.code}
    return {
        "events": len(found.events),
        "releases": {one.says.release: list(one.records) for one in found.releases},
        **_lost(found.events),
    }


def _lost(events: Sequence[PrivateEntry | LostEntry]) -> Value:
    lost = sum(isinstance(one, LostEntry) for one in events)
    return {"lost": lost} if lost else {}


def main() -> None:
    """Write the cases."""
    with TemporaryDirectory() as folder:
        made = make(Path(folder))
        made.record(fact("joined", "2024-09-20", member=QUIET))
        release(made)
        release(made, name="second")
        held = {one: held_by(made, one) for one in (MEMBER, OTHER, QUIET)}
        with open_workspace(made.root) as workspace:
            vkey = workspace.log.vkeys[0]
        tree = open_tree(str(made.root / "public"))
        policy = next(one["index"] for one in made.entries() if one["s"] == "policy")
        proved = prove_entry(tree, policy)
        made.record(fact("notice", "2025-06-02", "more", member=MEMBER), at=AT + 1)
        late = held_by(made, MEMBER)
    stranger = Signer(name=vkey.name, seed=bytes(32)).vkey.to_text()
    another = Signer(name="example.com/another", seed=bytes(32)).vkey.to_text()
    cases = [
        case("whole", "all that a member holds", held[MEMBER], vkey.to_text()),
        case("quiet", "a member of whom no release has anything", held[QUIET], vkey.to_text()),
        case("late", "an event that is not published yet", late, vkey.to_text()),
        case("receipt", "a receipt alone", held[MEMBER]["receipt"], vkey.to_text()),
        case("proof", "a proof of releases alone", held[MEMBER]["releases"], vkey.to_text()),
        case(
            "stranger",
            "the key of somebody who has the log’s name",
            held[MEMBER],
            stranger,
            of=stranger,
        ),
        case("another", "the key of another log", held[MEMBER], another, of=another),
    ]
    for id_, why, change in left_out():
        less = json.loads(json.dumps(held[MEMBER]))
        change(less)
        cases.append(case(id_, why, less, vkey.to_text()))
    entry = {"entry": proved.entry.decode(), "log": proved.proof.to_bytes().decode()}
    for id_, why, change in changes(held, entry):
        changed = json.loads(json.dumps(held[MEMBER]))
        change(changed)
        one = case(id_, why, changed, vkey.to_text())
        if "code" not in one:
            raise AssertionError(id_)
        cases.append(one)
    whole = encode_canonical(held[MEMBER]).decode()
    for id_, why, text in (
        ("blank", "a blank that means nothing", whole.replace(":", ": ", 1)),
        ("twice", "a key that stands twice", '{"proofs":[],' + whole[1:]),
        ("cut", "the end is missing", whole[:-1]),
        ("number", "a number in another spelling", whole.replace('"index":', '"index":0', 1)),
    ):
        cases.append(
            {"id": id_, "text": text, "why": why, **shown_by_python(text, vkey.to_text())}
        )
    json.dump(
        {"cases": cases, "vkey": vkey.to_text()}, sys.stdout, indent=1, ensure_ascii=False
    )
    sys.stdout.write("\n")


def held_by(made: Made, member: str) -> Value:
    with open_workspace(made.root) as workspace:
        found = check_file_of(workspace, member)
    assert found is not None
    value: Value = decode_limited(found.to_bytes(), largest=LARGEST)
    return value


def case(id_: str, why: str, value: Value, vkey: str, of: str | None = None) -> Value:
    text = encode_canonical(value).decode()
    with_key = {} if of is None else {"vkey": of}
    return {"id": id_, "why": why, "text": text, **with_key, **shown_by_python(text, vkey)}


def swap(value: Value, key: str) -> None:
    value[key][0], value[key][1] = value[key][1], value[key][0]


def first_release(value: Value) -> Value:
    found: Value = value["releases"]["releases"][0]
    return found


def changes(held: dict[str, Value], entry: Value) -> Iterator[tuple[str, str, Change]]:
    """Give what somebody could make of what a member holds, so that it says something else."""
    yield from changed_proofs(held[OTHER])
    yield from without_proofs()
    yield from changed_receipts(held[OTHER], held[QUIET])
    yield from changed_claims(held[OTHER], held[QUIET])
    yield from changed_releases(entry)


def left_out() -> Iterator[tuple[str, str, Change]]:
    """Give what may be left out of what a member holds, so that it shows less."""
    yield (
        "payloads-gone",
        "every payload is left out",
        lambda one: [event.pop("payload") for event in one["receipt"]["events"]].clear(),
    )
    yield (
        "releases-gone",
        "nothing is said of releases",
        lambda one: one["releases"]["releases"].clear(),
    )


def made_up(value: Value) -> None:
    """Put another event of hers in place of the last, which is in no log: whoever has her key can make it."""
    events = value["receipt"]["events"]
    payload = events[-1]["payload"].replace('"on"', '"off"')
    key = base64.b64decode(value["receipt"]["key"])
    opening = hmac.digest(key, len(events).to_bytes(8, "big"), "sha256")
    entry = json.loads(events[-1]["entry"])
    entry["c"] = base64.b64encode(commit(opening, payload.encode())).decode()
    events[-1].update(entry=encode_canonical(entry).decode(), payload=payload)
    value["proofs"].pop()


def claims(value: Value, number: int = 0) -> list[Value]:
    found: list[Value] = value["releases"]["releases"][number]["claims"]
    return found


def claim(value: Value, by: str = "stream", number: int = 0) -> Value:
    return next(one for one in claims(value, number) if one["by"] == by)


def changed_proofs(other: Value) -> Iterator[tuple[str, str, Change]]:
    yield "proofs-swapped", "two proofs stand for each other", lambda one: swap(one, "proofs")
    yield (
        "proof-more",
        "a proof more than events",
        lambda one: one["proofs"].append(one["proofs"][0]),
    )
    yield (
        "proof-of-another",
        "the proof of another’s event",
        lambda one: one["proofs"].__setitem__(0, other["proofs"][0]),
    )
    yield (
        "proof-hash",
        "a hash of a proof is left out",
        lambda one: one["proofs"].__setitem__(
            0,
            "\n".join(line for at, line in enumerate(one["proofs"][0].split("\n")) if at != 2),
        ),
    )
    yield (
        "proof-index",
        "an index that is another",
        lambda one: one["receipt"]["events"][0].update(index=0),
    )


def without_proofs() -> Iterator[tuple[str, str, Change]]:
    """Give what has no proof and must have one, since the log had that place when it was signed."""
    yield "proof-gone", "the last proof is left out", lambda one: one["proofs"].pop()
    yield "proofs-gone", "every proof is left out", lambda one: one["proofs"].clear()
    yield "event-made-up", "a last event that is in no log", made_up
    yield (
        "unsigned",
        "nothing that the log’s key signed",
        lambda one: (one["proofs"].clear(), one["releases"]["releases"].clear())[0],
    )


def changed_receipts(other: Value, quiet: Value) -> Iterator[tuple[str, str, Change]]:
    yield "event-gone", "an event is left out", lambda one: one["receipt"]["events"].pop(1)
    yield (
        "event-other",
        "an event of another member",
        lambda one: one["receipt"]["events"].__setitem__(
            1, {**other["receipt"]["events"][1], "index": one["receipt"]["events"][1]["index"]}
        ),
    )
    yield (
        "payload",
        "what was said is another",
        lambda one: one["receipt"]["events"][-1].update(
            payload=one["receipt"]["events"][-1]["payload"]
            .replace('"on"', '"off"')
            .replace('"off"', '"no"')
        ),
    )
    yield (
        "payload-lost",
        "a payload that is left out, of an entry that is not hers",
        lambda one: (
            one["receipt"]["events"][1].update(entry=other["receipt"]["events"][1]["entry"]),
            one["receipt"]["events"][1].pop("payload"),
        )[0],
    )
    yield (
        "key",
        "the key of another’s stream",
        lambda one: one["receipt"].update(key=other["receipt"]["key"]),
    )
    yield (
        "receipt-other",
        "the receipt of another member",
        lambda one: one.update(receipt=other["receipt"], proofs=other["proofs"]),
    )
    yield (
        "releases-other",
        "the releases of another member",
        lambda one: one.update(releases=other["releases"]),
    )
    yield (
        "releases-renamed",
        "another’s releases under her name",
        lambda one: one.update(releases={**other["releases"], "member": MEMBER}),
    )
    yield (
        "nothing-shown",
        "another who has nothing stands for her",
        lambda one: one.update(releases={**quiet["releases"], "member": MEMBER}),
    )
    yield (
        "origin",
        "another log’s name",
        lambda one: (
            one["receipt"].update(origin="example.com/x"),
            one["releases"].update(origin="example.com/x"),
        )[0],
    )


def changed_claims(other: Value, quiet: Value) -> Iterator[tuple[str, str, Change]]:
    yield "record-gone", "a record is left out", lambda one: claim(one)["records"].pop(0)
    yield "record-more", "a record more", lambda one: claim(one)["records"].append("zzz")
    yield (
        "record-twice",
        "a record twice",
        lambda one: claim(one)["records"].insert(0, claim(one)["records"][0]),
    )
    yield (
        "records-order",
        "records in another order",
        lambda one: claim(one)["records"].reverse(),
    )
    yield (
        "salt",
        "another salt",
        lambda one: claim(one).update(salt=claim(one, number=1)["salt"]),
    )
    yield (
        "tag",
        "the tag of the other release",
        lambda one: claim(one).update(tag=claim(one, number=1)["tag"]),
    )
    yield (
        "tag-other",
        "the tag of another member",
        lambda one: claim(one).update(tag=claim(other)["tag"]),
    )
    yield (
        "claim-gone",
        "the claim of her stream is left out",
        lambda one: claims(one).remove(claim(one)),
    )
    yield (
        "claim-twice",
        "the claim of her stream twice",
        lambda one: claims(one).append(claim(one)),
    )
    yield (
        "claim-key",
        "a claim with another key",
        lambda one: claim(one, "release").update(key=claim(one, "release", 1)["key"]),
    )
    yield (
        "proof-says-not",
        "the proof that she is not in the release is another’s",
        lambda one: (
            claim(one).update(proof=claim(quiet)["proof"]),
            claim(one).pop("records"),
            claim(one).pop("salt"),
        )[0],
    )


def changed_releases(entry: Value) -> Iterator[tuple[str, str, Change]]:
    yield (
        "release-twice",
        "a release stands twice",
        lambda one: one["releases"]["releases"].append(first_release(one)),
    )
    yield (
        "release-entry",
        "the entry of the other release",
        lambda one: first_release(one).update(entry=one["releases"]["releases"][1]["entry"]),
    )
    yield (
        "release-claims",
        "the claims of the other release",
        lambda one: first_release(one).update(claims=claims(one, 1)),
    )
    yield (
        "release-policy",
        "an entry that is no release’s",
        lambda one: first_release(one).update(entry),
    )
    yield (
        "release-event",
        "an entry of a private stream",
        lambda one: first_release(one).update(
            entry=one["receipt"]["events"][0]["entry"], log=one["proofs"][0]
        ),
    )
    yield "schema", "another schema", lambda one: one.update(schema="privity/check/v2")
    yield NEVER_READ, "a key that means nothing", lambda one: one.update({NEVER_READ: ""})


if __name__ == "__main__":
    main()
