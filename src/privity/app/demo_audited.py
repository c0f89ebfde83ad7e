# SPDX-License-Identifier: Apache-2.0
"""The end of the demo: an audit, by somebody who need not trust the network (docs/demo.md).

The class of the complaint is asked of the dump of the pipeline as alleged, of what the ledger says that was released, and
of texts that were taken round the gate; then a member of that class is shown what releases have of hers. Every step is a
command that anybody can type; what came to light is made here. The auditor asks of copies of the ledger, while the
network goes on with its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from privity.app.demo import Claim
from privity.app.demo_asked import LEDGER, SHOWN, SHOWN_FIRST, Step, run_step
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


class Audit:
    """An audit, which goes on beside what the network does; its questions are asked one after the other.

    Args:
        out: The folder of the demo.
        network: The made network.
        example: The folder of the dispute.
        claim: What the pipeline as alleged came to.
    """

    def __init__(self, out: Path, *, network: Network, example: Path, claim: Claim) -> None:
        self._out = out
        self._network = network
        self._example = example
        self._claim = claim
        self._pool = ThreadPoolExecutor(1)
        self._asked: dict[str, Future[list[Step]]] = {}

    def shown(self, name: str) -> None:
        """Begin to ask what is asked of a copy of the ledger, now that it lies there."""
        steps = {SHOWN_FIRST: self._alleged, SHOWN: self._promised}[name]
        self._asked[name] = self._pool.submit(lambda: [*map(run_step, steps(self._out / name))])

    def finish(self, progress: Progress) -> list[Step]:
        """Ask the rest, and give all that was answered.

        Args:
            progress: Told of each step.

        Raises:
            UnavailableError: A command refused (`demo/step`).
        """
        with self._pool:
            if SHOWN not in self._asked:
                # So small a network that nobody agreed: there is nothing but the ledger itself.
                steps = self._promised(self._out / LEDGER)
                self._asked[SHOWN] = self._pool.submit(lambda: [*map(run_step, steps)])
            hers = []
            for step in self._hers():
                progress(step.says)
                hers.append(run_step(step))
            progress("the auditor asks what content of the class was used for")
            return [*self._asked[SHOWN_FIRST].result(), *self._asked[SHOWN].result(), *hers]

    def _question(self, shown: Path, says: str, *words: str) -> Step:
        question = ("audit", "class", str(self._example / "claim.yaml"), "--workspace")
        return Step(says=says, words=(*question, str(shown), *words), ends=ANSWERED)

    def _alleged(self, shown: Path) -> Iterator[Step]:
        yield self._question(
            shown,
            "as alleged: the class of the complaint, and the dump of the pipeline",
            "--disclosed", str(self._out / "dump.parquet"), *self._records,
        )  # fmt: skip

    def _promised(self, shown: Path) -> Iterator[Step]:
        """Give the commands in order; what a later one names an earlier one made."""
        key, report, vkey = self._out / "auditor.pem", self._out / REPORT, self._vkey
        yield Step(says="the auditor makes a key", words=("recipient", "keygen", str(key)))
        yield self._question(
            shown,
            "as promised: the same class, and every release that the ledger speaks of",
            "--vkey", vkey, "--out", str(report), "--key", str(key),
        )  # fmt: skip
        yield Step(
            says="whoever is handed that report verifies it, and has it answered again, from its bundle alone",
            words=(
                "audit", "verify", str(report), "--vkey", vkey, "--auditor", f"{key}.pub",
            ),
        )  # fmt: skip
        came = _take(self._network, self._out / CAME_TO_LIGHT)
        yield self._question(
            shown,
            "round the gate: texts came to light that the third party trained on, without any id",
            "--training", str(came), *self._records, "--at", _TAKEN_AT,
        )  # fmt: skip

    def _hers(self) -> Iterator[Step]:
        if self._claim.an_inmail is None:
            return  # a network so small that nobody wrote any
        member = _author(self._network, self._claim.an_inmail)
        proof = str(self._out / "proof.json")
        yield Step(
            says="who wrote the InMail of part 3 is shown what releases have of hers",
            words=(
                "release", "prove", "--member", member,
                "--workspace", str(self._out / LEDGER), "--out", proof,
            ),
        )  # fmt: skip
        yield Step(
            says="and checks it with the log’s key alone",
            words=("release", "check-proof", proof, "--vkey", self._vkey),
        )

    @property
    def _records(self) -> tuple[str, str]:
        return ("--records", str(self._network.path / "records"))

    @property
    def _vkey(self) -> str:
        return str(self._out / LEDGER / "public" / "vkey")


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
