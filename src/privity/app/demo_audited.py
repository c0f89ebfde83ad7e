# SPDX-License-Identifier: Apache-2.0
"""The end of the demo: an audit, by somebody who need not trust the network (docs/demo.md).

The class of the complaint is asked of the dump of the pipeline as alleged, of what the ledger says that was released, and
of texts that were taken round the gate; then a member of that class is shown what releases have of hers. Every step is a
command that anybody can type; what came to light is made here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from privity.app.demo import Claim
from privity.app.demo_asked import SHOWN, Step, run_step
from privity.canonical.encode import encode
from privity.sources.synthetic.network import Network

ANSWERED: Final = (0, 20, 21)
"""How an audit ends: nothing was found, something was, it cannot be told."""
CAME_TO_LIGHT: Final = "came-to-light.jsonl"
REPORT: Final = "audit"
_TEXTS: Final = 2_000
_TAKEN: Final = ("inmail", "comment", "post")
_TAKEN_AT: Final = "2026-04-15T00:00:00Z"

Progress = Callable[[str], None]


def audit(
    out: Path, *, network: Network, example: Path, claim: Claim, progress: Progress
) -> list[Step]:
    """Ask what content of the class was used for, and verify what is answered.

    Args:
        out: The folder of the demo, with the ledger.
        network: The made network.
        example: The folder of the dispute.
        claim: What the pipeline as alleged came to.
        progress: Told of each step.

    Raises:
        UnavailableError: A command refused (`demo/step`).
    """
    steps = _steps(out, network, example, claim)
    first = next(steps)
    with ThreadPoolExecutor(1) as pool:
        # It reads every text of the platform; no other step needs what it finds.
        waiting = pool.submit(run_step, first)
        told = []
        for step in steps:
            progress(step.says)
            told.append(run_step(step))
        progress(first.says)
        return [waiting.result(), *told]


def _steps(out: Path, network: Network, example: Path, claim: Claim) -> Iterator[Step]:
    """Give the commands in order; what a later one names an earlier one made."""
    ledger = out / "ledger"
    shown = out / SHOWN if (out / SHOWN).exists() else ledger
    key, report, vkey = out / "auditor.pem", out / REPORT, str(ledger / "public" / "vkey")
    records = ("--records", str(network.path / "records"))

    def asked(says: str, *words: str) -> Step:
        question = ("audit", "class", str(example / "claim.yaml"), "--workspace", str(shown))
        return Step(says=says, words=(*question, *words), ends=ANSWERED)

    yield asked(
        "as alleged: the class of the complaint, and the dump of the pipeline",
        "--disclosed", str(out / "dump.parquet"), *records,
    )  # fmt: skip
    yield Step(says="the auditor makes a key", words=("recipient", "keygen", str(key)))
    yield asked(
        "as promised: the same class, and every release that the ledger speaks of",
        "--vkey", vkey, "--out", str(report), "--key", str(key),
    )  # fmt: skip
    yield Step(
        says="whoever is handed that report verifies it, and has it answered again, from its bundle alone",
        words=(
            "audit", "verify", str(report), "--vkey", vkey, "--auditor", f"{key}.pub",
        ),
    )  # fmt: skip
    came = _take(network, out / CAME_TO_LIGHT)
    yield asked(
        "round the gate: texts came to light that the third party trained on, without any id",
        "--training", str(came), *records, "--at", _TAKEN_AT,
    )  # fmt: skip
    if claim.an_inmail is None:
        return  # a network so small that nobody wrote any
    member, proof = _author(network, claim.an_inmail), str(out / "proof.json")
    yield Step(
        says="who wrote the InMail of part 3 is shown what releases have of hers",
        words=(
            "release",
            "prove",
            "--member",
            member,
            "--workspace",
            str(ledger),
            "--out",
            proof,
        ),
    )
    yield Step(
        says="and checks it with the log’s key alone",
        words=("release", "check-proof", proof, "--vkey", vkey),
    )


def _take(network: Network, path: Path) -> Path:
    """Take texts of the platform round the gate: no ids, in another order, as JSON lines."""
    source = network.record_paths[len(network.record_paths) // 2]
    table = pq.read_table(source, columns=["category", "body"])
    texts = table.filter(pc.is_in(table["category"], pa.array(_TAKEN)))["body"]
    taken = texts.to_pylist()[:: max(1, len(texts) // _TEXTS)]
    with path.open("wb") as stream:
        stream.writelines(encode({"body": one}) + b"\n" for one in reversed(taken[:_TEXTS]))
    return path


def _author(network: Network, record: int) -> str:
    """Give who wrote a record."""
    for path in network.record_paths:
        found = pq.read_table(path, columns=["author"], filters=[("record_id", "==", record)])
        if found.num_rows:
            return str(found["author"][0].as_py())
    message = "the claim names a record of the network"
    raise AssertionError(message)
