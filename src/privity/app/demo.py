# SPDX-License-Identifier: Apache-2.0
"""The main job on a made network, in the history of a dispute (docs/demo.md): what `privity demo` runs.

(1) make the network, (2) run the pipeline that the complaint alleges, which is plain SQL and no part of
this program, and count what it would have come to, (3) ask the gate under the promised policies for three
recipients on three dates, (4) explain one InMail that it refused. Shows nothing: `privity.cli.demo` does.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from privity.app.api import clear, compiled
from privity.app.basis import Files
from privity.app.deciding import Question
from privity.app.explaining import explain_record
from privity.app.inputs import load_facts, load_policy, request
from privity.canonical.encode import encode_pretty
from privity.canonical.instants import Instant, format_instant, parse_instant
from privity.decide.explain import Explanation, MemberExplanation, for_member
from privity.decide.explain.show import explanation_mapping
from privity.errors import ConflictError, InputError, UnavailableError
from privity.members.columns import FactColumns
from privity.policy.versions import History
from privity.sources.synthetic.files import held_at
from privity.sources.synthetic.network import Network, make_network

PURPOSE: Final = "genai-training"
RECIPIENTS: Final = ("network", "parent", "lab")
DATES: Final = (
    ("before the notice", parse_instant("2024-09-17T00:00:00Z")),
    ("after the notice", parse_instant("2024-10-10T00:00:00Z")),
    ("after the Hong Kong stop", parse_instant("2024-12-01T00:00:00Z")),
)
"""The day before the class's cut-off; two weeks and more after the notice, when the first objection windows
have ended, and before the stop of 11 October; and after it, and after the terms of 20 November."""

CLAIMED_AT: Final = DATES[0][1]
_MARK: Final = "demo.json"

Progress = Callable[[str], None]
"""Told what is begun."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """What the pipeline as alleged would have sent to the third party, by the day of the claim.

    Attributes:
        at: That day.
        records: Records in its dump.
        inmails: InMails among them.
        premium_senders: Distinct members who were paying when they sent one of these.
        premium_receivers: The same, who received one.
        premium_members: The same, who did either.
        dollars: A thousand for each of these.
        an_inmail: The id of one of them, to look at; None if there is none.
    """

    at: str
    records: int
    inmails: int
    premium_senders: int
    premium_receivers: int
    premium_members: int
    dollars: int
    an_inmail: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One run of the gate under the policies as promised.

    Attributes:
        when: What is special about the date.
        at: The instant of use.
        recipient: Who asked.
        role: As what.
        records: How many records there were.
        permitted: How many were permitted.
        by_category: Permitted, by category; none left out.
        reasons: Refused, by reason; a record counts once for each of its reasons.
        seconds: From the question to the cleared set on disk.
    """

    when: str
    at: str
    recipient: str
    role: str
    records: int
    permitted: int
    by_category: Mapping[str, int]
    reasons: Mapping[str, int]
    seconds: float

    @property
    def records_per_second(self) -> float:
        """How fast it was."""
        return self.records / self.seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Demo:
    """Everything that the demo found.

    Attributes:
        out: Where it lies.
        network: The made network.
        policies: The folder of the policies as promised.
        claim: As alleged.
        runs: As promised.
        explanation: Why one of the claimed InMails is refused to the third party.
        addressee: What the one who received it is told.
        seconds: All of it.
    """

    out: Path
    network: Network
    policies: Path
    claim: Claim
    runs: Sequence[Run]
    explanation: Explanation | None
    addressee: MemberExplanation | None
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {
            "network": self.network.to_json(),
            "claim": asdict(self.claim),
            "gate": [
                {**asdict(run), "records_per_second": round(run.records_per_second)}
                for run in self.runs
            ],
            "explained": (
                None if self.explanation is None else explanation_mapping(self.explanation)
            ),
            "seconds": self.seconds,
        }


def run_demo(
    out: Path,
    *,
    example: Path,
    members: int = 50_000,
    records: int = 1_000_000,
    seed: int = 1,
    threads: int = 2,
    progress: Progress = lambda _: None,
) -> Demo:
    """Run the main job.

    Args:
        out: A new or empty folder, or that of an earlier demo, which is replaced.
        example: The folder of the dispute, with `as-alleged` and `as-promised`.
        members: How many members the network has.
        records: How many records.
        seed: Of the network.
        threads: How many parts are made and cleared at once.
        progress: Told of each step.

    Raises:
        InputError: The example is not there, or a size is out of range.
        ConflictError: `out` holds something else.
        UnavailableError: A folder cannot be written, or duckdb is not installed.
    """
    started = time.perf_counter()
    policies = example / "as-promised" / "policies"
    if not policies.is_dir():
        raise InputError(
            f"`{example}` has no folder `as-promised/policies`, expected the dispute's example",
            code="demo/no-example",
            hint="run from the repository, or name its folder with --example",
        )
    _begin(out)
    progress("making a network")
    network = make_network(
        out / "network",
        members=members,
        records=records,
        seed=seed,
        until=DATES[-1][1],
        threads=threads,
    )
    progress("the claim: running the pipeline as alleged")
    claim = _claim(network, example / "as-alleged" / "run.py", out / "dump.parquet")

    gate = _Gate(
        network=network,
        facts=load_facts(network.facts_path),
        policy=load_policy(policies),
        policies=policies,
        out=out,
        threads=threads,
    )
    runs = []
    for when, at in DATES:
        held = held_at(network.record_paths, at, out / "held" / _day(at))
        for recipient in RECIPIENTS:
            progress(f"the gate: {_day(at)}, {recipient}")
            runs.append(gate.run(held, when, at, recipient))

    progress("one refused InMail")
    explanation = gate.explained(claim)
    demo = Demo(
        out=out,
        network=network,
        policies=policies,
        claim=claim,
        runs=runs,
        explanation=explanation,
        addressee=_told(explanation),
        seconds=time.perf_counter() - started,
    )
    (out / _MARK).write_text(encode_pretty(demo.to_json()), "utf-8")
    return demo


def _begin(out: Path) -> None:
    """Make the folder; one that an earlier demo left is replaced, any other that holds something is not."""
    try:
        if (out / _MARK).is_file():
            shutil.rmtree(out)
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise ConflictError(
                f"`{out}` holds something else, expected a new folder or that of an earlier demo",
                code="demo/exists",
                hint="name another folder with --out",
            )
        out.mkdir(parents=True, exist_ok=True)
        (out / _MARK).write_text("{}\n", "utf-8")
    except OSError as error:
        raise UnavailableError(
            f"`{out}` cannot be written: {error.strerror or error}", code="demo/unwritable"
        ) from error


def _claim(network: Network, script: Path, dump: Path) -> Claim:
    """Run the alleged pipeline as a program of its own: it is no part of this one."""
    command = [
        sys.executable,
        str(script),
        str(network.path),
        format_instant(CLAIMED_AT),
        str(dump),
    ]
    done = subprocess.run(  # noqa: S603 - the example's own script, by this interpreter
        command, capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["nothing"]
        said = next((line for line in reversed(lines) if "Error" in line), lines[-1])
        raise UnavailableError(
            f"the pipeline as alleged did not run, it said: {said}", code="demo/pipeline"
        )
    return Claim(**json.loads(done.stdout))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Gate:
    """What every run has in common."""

    network: Network
    facts: FactColumns
    policy: History
    policies: Path
    out: Path
    threads: int

    def run(self, held: Sequence[Path], when: str, at: Instant, recipient: str) -> Run:
        """Clear the records that the platform held at `at`, for one recipient."""
        started = time.perf_counter()
        ready = compiled(
            policy=self.policy, facts=self.facts, purpose=PURPOSE, recipient=recipient, at=at
        )
        cleared = clear(
            held,
            policy=self.policies,
            facts=self.network.facts_path,
            purpose=PURPOSE,
            recipient=recipient,
            at=at,
            out=self.out / "cleared" / f"{_day(at)}-{recipient}",
            threads=self.threads,
            pseudonym_key=self.out / "pseudonym.key",
            ready=ready,
        )
        summary = cleared.summary
        return Run(
            when=when,
            at=format_instant(at),
            recipient=recipient,
            role=cleared.manifest["request"]["role"],
            records=summary.records,
            permitted=summary.permitted,
            by_category={
                category: permitted
                for category, (_, permitted) in summary.by_category.items()
                if permitted
            },
            reasons=summary.reasons,
            seconds=time.perf_counter() - started,
        )

    def explained(self, claim: Claim) -> Explanation | None:
        """Explain why one of the InMails of the claim is refused to the third party; None: no InMails."""
        if claim.an_inmail is None:
            return None
        question = Question(
            basis=Files(policies=[self.policies], facts=[self.network.facts_path]),
            records=self.network.record_paths,
            bindings=(),
            request=request(PURPOSE, RECIPIENTS[-1], CLAIMED_AT, None),
        )
        return explain_record(question, str(claim.an_inmail)).explanation


def _told(explanation: Explanation | None) -> MemberExplanation | None:
    """Give what the addressee is told, who may read nothing of the sender's."""
    if explanation is None:
        return None
    author, addressee = explanation.author, explanation.parties[-1]
    assert addressee != author  # noqa: S101 - an InMail of the claim has one
    return for_member(explanation, addressee)


def _day(at: Instant) -> str:
    return format_instant(at)[:10]
