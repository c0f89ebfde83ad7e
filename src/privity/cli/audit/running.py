# SPDX-License-Identifier: Apache-2.0
"""How every question runs: evidence is opened, the question answered, the answer shown, and written where that was asked for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import click

from privity.app.auditing.answering.asking import Inputs, answer, check_asked
from privity.app.auditing.bundling.folders import refuse_existing
from privity.app.auditing.bundling.signing import read_signer
from privity.app.auditing.bundling.watching import WatchedEvidence
from privity.app.auditing.opening.opening import open_evidence
from privity.cli.audit.options import Chosen
from privity.cli.audit.showing import exit_code, show_report
from privity.cli.progress import Advance, counting, progress

_OPENING: Final = {
    "log": "verifying the log",
    "facts": "opening payloads",
    "releases": "holding rows",
}


def run(inputs: Inputs, chosen: Chosen, *, sets: Sequence[Path] = ()) -> None:
    """Ask a question, show its answer, and end with its code.

    Args:
        inputs: The question.
        chosen: What was chosen with the options that all questions share.
        sets: Sets that became no release, which are shown beside the evidence.

    Raises:
        PrivityError: As opening, answering and writing do.
    """
    # What cannot be written is said before the work, and not after it.
    signer = None if chosen.key is None else read_signer(chosen.key)
    write = None if chosen.out is None else _writing(chosen.out)
    with opening() as told:
        evidence = open_evidence(chosen.place, chosen.vkeys, sets=sets, progress=told)
    # Of all that is there: what is watched goes into the bundle.
    check_asked(evidence, inputs)
    watched = WatchedEvidence(evidence)
    with counting() as advance:
        report = answer(watched, inputs, told=advance)
    if write is not None:
        write(report, watched, inputs, place=chosen.place, signer=signer)
    show_report(report, as_json=chosen.as_json)
    if chosen.out is not None and not chosen.as_json:
        signed = "signed" if signer is not None else "not signed"
        click.echo(f"  written   {chosen.out}, {signed}; verify it with `privity audit verify`")
    raise click.exceptions.Exit(exit_code(report))


def _writing(out: Path) -> Callable[..., None]:
    """Give what writes a report to a folder, which must be free."""
    # Only who wants a report in print needs what prints it.
    from privity.app.auditing.bundling.reporting import (  # noqa: PLC0415 - it may not be installed
        write_report,
    )

    refuse_existing(out)
    return functools.partial(write_report, out)


@contextmanager
def opening() -> Iterator[Callable[[str, int, int], None]]:
    """Show how far the opening of evidence came, one stage after the other."""
    with ExitStack() as stack:
        bars: dict[str, Advance] = {}

        def told(stage: str, done: int, every: int) -> None:
            if stage not in bars:
                stack.close()
                names = {stage: _OPENING.get(stage, stage)}
                bars[stage] = stack.enter_context(progress(names, every))
            more(stage, done, every)

        more = by_difference(lambda stage, count: bars[stage](stage, count))
        yield told


def by_difference(advance: Advance) -> Callable[[str, int, int], None]:
    """Give what is told how far each stage came, and tells how many more that is."""
    so_far: dict[str, int] = {}

    def told(stage: str, done: int, every: int) -> None:
        del every
        advance(stage, done - so_far.get(stage, 0))
        so_far[stage] = done

    return told
