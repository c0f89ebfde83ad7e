# SPDX-License-Identifier: Apache-2.0
"""Who makes a workspace, a set or a bundle to break an audit gets an error that says so, and no more."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.audited import Audited, forge, put_audit
from tests.integration.releases import release
from tests.integration.test_audit_evidence import publish
from tests.integration.test_audit_sets import by_hand, posts, replayed
from tests.integration.workspaces import Made, make

from privity.app.auditing.bundling.bundled_payloads import BundledPayloads
from privity.app.auditing.bundling.verifying import verify_audit
from privity.app.auditing.opening.log import PrivateEntries
from privity.app.auditing.opening.opening import open_evidence
from privity.app.auditing.opening.payloads import open_payloads
from privity.audit.replay import ReplayQuestion, answer_replay
from privity.canonical.encode import encode_canonical
from privity.entries.envelope import MemberEvent
from privity.entries.streams import event_key, tag_of
from privity.errors import PrivityError, VerificationError
from privity.ledger.forms import to_base64

SECRET = bytes(range(32))


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    return put_audit(tmp_path_factory.mktemp("audit"))


@pytest.fixture
def bundle(once: Audited, tmp_path: Path) -> Path:
    return Path(shutil.copytree(once.bundle, tmp_path / "theirs"))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Made:
    made = make(tmp_path_factory.mktemp("kept"), count=60)
    release(made)
    publish(made)
    return made


@pytest.fixture
def made(kept: Made, tmp_path: Path) -> Made:
    shutil.copytree(kept.root, tmp_path / "workspace")
    return Made(root=tmp_path / "workspace", sources=kept.sources)


# Bundles


def put_question(said: dict[str, Any]) -> None:
    said["asked"]["files"] = [5]
    said["files"].append({"path": "question/5", "sha256": "0" * 64, "size": 1})
    said["files"].sort(key=lambda one: one["path"])


HOSTILE: dict[str, Callable[[dict[str, Any]], object]] = {
    "a question without a name": put_question,
    "a release that is a number": lambda said: said["rests_on"].update(releases=[5]),
    "entries that are lists": lambda said: said["gaps"].append(
        {"kind": "not-shown", "what": "x", "entries": [[1]], "records": None, "members": None}
    ),
    "switches of a question about a class": lambda said: said["asked"].update(
        kind="class", options={"question": ["statement.yaml"]}
    ),
    "a name that no disk takes": lambda said: said["asked"]["outside"].append(
        {"role": "disclosed", "name": "x" * 300, "sha256": "0" * 64, "size": 1}
    ),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_manifest_is_refused(
    bundle: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    """AUD-161: whatever stands in it."""
    forge(bundle, lambda said: (change(said), None)[1])
    with pytest.raises(VerificationError) as caught:
        verify_audit(bundle)
    assert caught.value.code == "audit/bundle"


def test_a_manifest_names_no_file_of_who_reads_it(bundle: Path, tmp_path: Path) -> None:
    """AUD-165: keys are keys; a name of a file is not opened."""
    mine = tmp_path / "mine"
    mine.write_bytes((bundle / "public" / "vkey").read_bytes())
    forge(bundle, lambda said: said["log"].update(vkeys=[str(mine)]))
    with pytest.raises(VerificationError) as caught:
        verify_audit(bundle)
    assert caught.value.code == "audit/bundle"
    assert str(mine) not in str(caught.value)


def test_tags_that_are_none_are_no_accident(bundle: Path) -> None:
    """AUD-170."""
    (tags,) = bundle.rglob("tags.parquet")
    tags.write_bytes(b"no Parquet")
    forge(
        bundle,
        lambda said: said["gaps"].append(
            {
                "kind": "not-bound",
                "what": "x",
                "entries": list(range(100)),
                "records": None,
                "members": None,
            }
        ),
    )
    with pytest.raises(PrivityError):
        verify_audit(bundle)


# Streams


def test_a_number_that_no_stream_reaches_does_not_end_an_audit() -> None:
    """AUD-4: what lies between is not looked for one by one."""
    number, private = 2**50, PrivateEntries()
    private.add(
        3, MemberEvent(tag=tag_of(event_key(SECRET, number)), commitment=SECRET, time=1)
    )
    private.add(4, MemberEvent(tag=bytes(32), commitment=SECRET, time=1))
    line = {
        "events": [{"entry": 3, "number": number, "payload": "x"}],
        "key": to_base64(SECRET),
        "stream": "tana",
    }
    payloads = BundledPayloads.read(encode_canonical(line) + b"\n")
    opened = open_payloads(payloads, payloads, private, origin="x.example/log", size=5)
    assert opened.closed == 2


# Rows of odd types


def flat(table: pa.Table) -> pa.Table:
    place = table.schema.get_field_index("recipients")
    return table.set_column(place, "recipients", pa.array(["m1"] * table.num_rows))


ODD: dict[str, Callable[[pa.Table], pa.Table]] = {
    "recipients in no list": flat,
    "a column twice": lambda table: table.append_column("author", table.column("author")),
    "nobody addressed": lambda table: table.drop_columns(["recipients"]),
    "nothing quoted": lambda table: table.drop_columns(["quotes"]),
}


@pytest.mark.parametrize("change", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("tags", [True, False])
def test_rows_of_odd_columns_are_left_out(
    made: Made,
    change: Callable[[pa.Table], pa.Table],
    tags: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """AUD-11, AUD-13: also where nothing shows whose they are."""
    path = made.root / "vault" / "releases" / "first" / "part-000000.parquet"
    pq.write_table(change(pq.read_table(path)), path)
    if not tags:
        (made.root / "releases" / "first" / "salt.key").unlink()
    evidence = open_evidence(made.root)
    assert [one.kind for one in evidence.mismatches] == ["bytes-without-entry"]
    report = answer_replay(evidence, ReplayQuestion())
    assert report.answer == "findings"


@pytest.mark.parametrize("change", ODD.values(), ids=ODD.keys())
def test_a_set_of_odd_columns_is_refused(
    tmp_path: Path, change: Callable[[pa.Table], pa.Table]
) -> None:
    """AUD-18."""
    made = make(tmp_path, count=20)
    name = "data/part-00000.parquet"
    out = by_hand(made, posts("m1"), data=[{"name": name}])
    pq.write_table(change(pq.read_table(out / name)), out / name)
    with pytest.raises(VerificationError) as caught:
        replayed(made, out)
    assert caught.value.code == "audit/set"
