# SPDX-License-Identifier: Apache-2.0
"""How far long work came, on the error stream where that is a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

Advance = Callable[[str, int], None]
"""Told of a stage, and of how many more were done in it."""


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """Write the rate, once there is one."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s")


@contextmanager
def progress(stages: Mapping[str, str], total: int) -> Iterator[Advance]:
    """Show each stage with its rate and the time left.

    Args:
        stages: What each stage is called to people.
        total: How many there are to do, in each stage.
    """
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
        _Rate(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    ) as bars:
        tasks = {
            stage: bars.add_task(name, total=total, start=False, visible=False)
            for stage, name in stages.items()
        }

        def advance(stage: str, count: int) -> None:
            task = tasks[stage]
            bars.start_task(task)
            bars.update(task, advance=count, visible=True)

        yield advance


@contextmanager
def deciding() -> Iterator[Advance]:
    """Show how many records were decided, of files that are opened meanwhile."""
    names = {"decide": "deciding", "compare": "comparing"}
    with counting() as advance:
        yield lambda stage, count: advance(names[stage], count)


@contextmanager
def counting() -> Iterator[Advance]:
    """Show stages of which nobody knows how much there is to do, each with what is done and its rate."""
    console = Console(stderr=True)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,.0f}"),
        _Rate(),
        console=console,
        disable=not console.is_terminal,
    ) as lines:
        tasks: dict[str, TaskID] = {}

        def advance(stage: str, count: int) -> None:
            if stage not in tasks:
                tasks[stage] = lines.add_task(stage, total=None)
            lines.update(tasks[stage], advance=count)

        yield advance
