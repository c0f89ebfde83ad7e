# SPDX-License-Identifier: Apache-2.0
"""Whatever stops a clearing leaves no half-written set, and does not stand in the way of the next.

Killed, interrupted, told to stop, out of disk, on a disk that fails, over records that turn out damaged.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.faults.moments import Moment, left_in, watched
from tests.integration.corpora import Corpus, put_corpus, split, with_bodies
from tests.property.comparison import as_rows

import privity
from privity.app.api import compiled
from privity.decide.request import Record
from privity.errors import InputError, PrivityError, UnavailableError
from privity.sources.native import open_records
from privity.testing.plain import POST, fact, policy, register, told
from privity.testing.worlds import to_arrow

RULES = policy(obligations=[])
FACTS = as_rows(
    [
        *register(),
        *told("open"),
        *told("shut"),
        fact("closed", "2025-05-01", member="shut"),
    ]
)


def records(count: int) -> list[Record]:
    """Posts of which some are refused, some quote, and one stands twice."""
    made = [
        replace(
            POST,
            record_id=f"r{row}",
            author="shut" if row % 7 == 3 else "open",
            quotes=(f"r{row - 1}",) if row % 11 == 5 else (),
        )
        for row in range(count)
    ]
    return [*made[:-1], replace(made[-1], record_id="r0")]


def corpus(folder: Path, count: int = 28, *, files: int = 2, row_group: int = 8) -> Corpus:
    table = with_bodies(to_arrow(records(count)))
    return put_corpus(folder, split(table, files), FACTS, [RULES], row_group=row_group)


def content(out: Path) -> Mapping[str, bytes]:
    """Every file of a set with its bytes."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def command(given: Corpus, out: Path, *others: str) -> list[str]:
    """The words of the command line."""
    sources = [str(path) for path in given.sources]
    return ["clear", *sources, *given.options, "--out", str(out), "--refused", *others]


def own_temporary(folder: Path) -> dict[str, str]:
    """An environment whose temporary files lie in the test's own folder."""
    temporary = folder / "temporary"
    temporary.mkdir(exist_ok=True)
    return {**os.environ, "TMPDIR": str(temporary)}


def ended_at_every_moment(
    tmp_path: Path, name: str, *, step: int = 1, threads: int = 2
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Run with a signal at each moment; give the runs that ended early, and the last, whole one."""
    given = corpus(tmp_path / "in")
    (tmp_path / "set").mkdir()
    words = command(given, tmp_path / "set" / "out", "--threads", str(threads))
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.moments", name, str(step), *words],
        cwd=Path(__file__).resolve().parents[2],
        env=own_temporary(tmp_path),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    runs = [json.loads(line) for line in done.stdout.splitlines()]
    assert runs[-1]["ended"] == 0
    assert runs[-1]["set"] == ["data", "manifest.json", "refused.parquet", "summary.csv"]
    return runs[:-1], runs[-1:]


PROGRAM = (sys.executable, "-c", "from privity.cli import main; main()")
WHOLE = ["data", "manifest.json", "refused.parquet", "summary.csv"]


def test_a_kill_at_any_moment_leaves_no_half_set_and_the_next_run_clears_up(
    tmp_path: Path,
) -> None:
    """What is killed leaves its folder aside at most; the next run of the name removes it."""
    killed, (whole,) = ended_at_every_moment(tmp_path, "SIGKILL")
    assert len(killed) > 30
    for run in killed:
        assert run["ended"] == -signal.SIGKILL
        assert run["set"] in (None, WHOLE), run
        aside = [name for name in run["left"] if name != "out"]
        assert len(aside) <= 1
        assert all(name.startswith(".out.clearing-") for name in aside)
    # Only the very last moments are after the set has its name.
    named = [run["moment"] for run in killed if run["set"]]
    assert named == list(range(whole["moment"] - len(named), whole["moment"]))
    assert 1 <= len(named) <= 6
    assert any(run["left"] for run in killed)
    assert whole["left"] == ["out"]


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_an_interrupt_at_any_moment_leaves_nothing(
    tmp_path: Path, name: str, code: int
) -> None:
    stopped, _ = ended_at_every_moment(tmp_path, name, step=3)
    assert len(stopped) > 10
    for run in stopped:
        assert run["ended"] == code, run
        assert run["set"] in (None, WHOLE), run
        assert run["left"] == (["out"] if run["set"] else []), run
        expected = "privity: interrupted\n" if name == "SIGINT" else ""
        assert run["said"] == expected


def test_a_program_killed_from_outside_leaves_no_set(tmp_path: Path) -> None:
    """As above, with nothing of the test inside the process."""
    given = corpus(tmp_path / "in", 60_000, row_group=5_000)
    out = tmp_path / "set" / "out"
    out.parent.mkdir()
    for has_begun in (
        lambda aside: (aside / "work" / "words").exists(),
        lambda aside: any(path.stat().st_size for path in (aside / "data").glob("*")),
    ):
        process = subprocess.Popen(
            [*PROGRAM, *command(given, out)],
            env=own_temporary(tmp_path),
            stdout=subprocess.DEVNULL,
        )
        while process.poll() is None and not any(map(has_begun, out.parent.iterdir())):
            pass
        process.kill()
        assert process.wait() == -signal.SIGKILL
        assert not out.exists()
    assert [name[:14] for name in left_in(out.parent)] == [".out.clearing-"]
    privity.clear(given.sources, out=out, **given.asked)
    assert left_in(out.parent) == ["out"]


# A disk that fails


class Fails:
    """Fails at one moment, once."""

    def __init__(self, number: int, error: Callable[[], BaseException]) -> None:
        self.number = number
        self.error = error
        self.failed: Moment | None = None

    def __call__(self, moment: Moment) -> None:
        if moment.number == self.number:
            self.failed = moment
            raise self.error()


def full() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def failing() -> OSError:
    return OSError(errno.EIO, os.strerror(errno.EIO))


def interrupted() -> KeyboardInterrupt:
    return KeyboardInterrupt()


@pytest.mark.parametrize(
    ("error", "threads"),
    [
        (full, 1),
        (failing, 2),
        (interrupted, 2),
        pytest.param(full, 2, marks=pytest.mark.slow),
        pytest.param(failing, 1, marks=pytest.mark.slow),
        pytest.param(interrupted, 1, marks=pytest.mark.slow),
    ],
)
def test_an_error_at_any_moment_leaves_nothing_and_is_one_line(
    tmp_path: Path, error: Callable[[], BaseException], threads: int
) -> None:
    """Each operation fails once before it is done, and once after; the rest goes well."""
    given = corpus(tmp_path / "in")
    ready = compiled(**given.asked)
    sources = open_records(given.sources)
    asked = {**given.asked, "policy": [RULES], "facts": FACTS}
    folder = tmp_path / "set"
    folder.mkdir()

    def clear(at: Callable[[Moment], None]) -> Mapping[str, bytes]:
        with watched(at):
            privity.clear(
                sources,
                out=folder / "out",
                ready=ready,
                threads=threads,
                refused=True,
                **asked,
            )
        found = content(folder / "out")
        shutil.rmtree(folder / "out")
        return found

    # The first run of a process also compiles what is not yet, and keeps it.
    clear(lambda _: None)
    moments: list[Moment] = []
    whole = clear(moments.append)
    assert len(moments) > 30
    (named,) = [one.number for one in moments if one.name == "rename" and not one.done]
    expected: type[BaseException] = (
        KeyboardInterrupt if error is interrupted else UnavailableError
    )
    for moment in moments:
        fails = Fails(moment.number, error)
        with pytest.raises(expected) as caught:
            clear(fails)
        assert fails.failed is not None
        if error is interrupted and (folder / "out").exists():
            # Only once it has its name: then it is whole.
            assert moment.number > named
            assert content(folder / "out") == whole
            shutil.rmtree(folder / "out")
        assert left_in(folder) == [], fails.failed
        if isinstance(caught.value, UnavailableError):
            said = "the disk is full" if error is full else "Input/output error"
            assert str(caught.value).endswith(f"{said}; nothing was left behind")
            assert caught.value.exit_code == 5
    names = {"fsync", "pwrite", "rename", "mkdir", "write_table", "close", "__init__", "flock"}
    assert names <= {moment.name for moment in moments}
    assert clear(lambda _: None) == whole


def test_a_write_that_is_torn_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk takes half of what it is given, and then no more."""
    given = corpus(tmp_path / "in")
    pwrite = os.pwrite
    writes = limit = 0

    def torn(file: int, data: memoryview, at: int) -> int:
        nonlocal writes
        writes += 1
        if writes > limit:
            raise full()
        if writes == limit:
            return pwrite(file, data[: len(data) // 2], at)
        return pwrite(file, data, at)

    monkeypatch.setattr(os, "pwrite", torn)
    for part in (1, 2, 5, 9):
        writes, limit = 0, part
        with pytest.raises(UnavailableError, match="the disk is full"):
            privity.clear(given.sources, out=tmp_path / "set" / "out", **given.asked)
        assert not (tmp_path / "set").exists()


# A full disk

LIMITED = """
import resource, sys
from privity.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
main(sys.argv[2:])
"""


@pytest.mark.parametrize("most", [100, 4_000, 20_000])
def test_files_that_may_not_grow_any_more_leave_nothing(tmp_path: Path, most: int) -> None:
    """Words, kept rows, data: which one meets the limit first depends on it."""
    given = corpus(tmp_path / "in", 3_000, row_group=500)
    out = tmp_path / "set" / "out"
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(most), *command(given, out)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr.count("\n") == 1
    assert "cannot write the set: " in done.stderr
    assert "nothing was left behind" in done.stderr
    assert not (tmp_path / "set").exists()
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


ON_A_SMALL_DISK = """
set -e
mount -t tmpfs -o size="$1" none "$2"
disk="$2"
shift 2
code=0
"$@" || code=$?
echo "left: $(ls -A "$disk")"
exit $code
"""


def can_mount() -> bool:
    """Tell whether a disk of a size can be made, in a namespace of its own."""
    if shutil.which("unshare") is None:
        return False
    words = ["unshare", "-rm", "mount", "-t", "tmpfs", "-o", "size=64k", "none", "/mnt"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="needs `unshare` and the right to mount a tmpfs")
@pytest.mark.parametrize("size", ["8k", "64k", "128k", "256k"])
def test_a_full_disk_is_said_and_left_empty(tmp_path: Path, size: str) -> None:
    given = corpus(tmp_path / "in", 6_000, row_group=1_000)
    disk = tmp_path / "disk"
    disk.mkdir()
    unshared = ["unshare", "-rm", "sh", "-c", ON_A_SMALL_DISK, "sh"]
    done = subprocess.run(
        [*unshared, size, str(disk), *PROGRAM, *command(given, disk / "out")],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (5, "left: \n"), done.stderr
    assert done.stderr == (
        f"privity: {disk / 'out'}: cannot write the set: the disk is full; nothing was left "
        "behind\n"
    )


# Records that turn out damaged


def damaged(given: Corpus, column: str) -> Path:
    """Overwrite a column of the last row group of the last source."""
    path = given.sources[-1]
    table = pq.read_table(path)
    pq.write_table(table, path, row_group_size=8, compression="zstd", write_page_checksum=True)
    metadata = pq.read_metadata(path)
    group = metadata.row_group(metadata.num_row_groups - 1)
    (one,) = [
        group.column(place)
        for place in range(group.num_columns)
        if group.column(place).path_in_schema.startswith(column)
    ]
    at = one.dictionary_page_offset or one.data_page_offset
    with path.open("r+b") as stream:
        stream.seek(at + one.total_compressed_size - 12)
        stream.write(b"\xff" * 12)
    return path


@pytest.mark.parametrize("column", ["body", "author", "record_id", "created_at"])
@pytest.mark.parametrize("threads", [1, 3])
def test_damage_in_the_last_chunk_leaves_nothing(
    tmp_path: Path, column: str, threads: int
) -> None:
    """A payload is read in the second reading alone, when nearly all is written."""
    given = corpus(tmp_path / "in", 100)
    path = damaged(given, column)
    stages: list[str] = []
    with pytest.raises(InputError, match="is damaged") as caught:
        privity.clear(
            given.sources,
            out=tmp_path / "set" / "out",
            threads=threads,
            progress=lambda stage, _: stages.append(stage),
            **given.asked,
        )
    assert caught.value.code == "records/damaged"
    assert caught.value.where is not None
    assert caught.value.where.file == str(path)
    assert ("copy" in stages) is (column == "body")
    assert not (tmp_path / "set").exists()


BAD_ROWS: dict[str, tuple[pa.Array, str]] = {
    "record_id": (pa.array([*(f"x{row}" for row in range(49)), None]), "records/null-id"),
    "created_at": (
        pa.array([*["2025-02-01T00:00:00Z"] * 49, "2025-02-01T00:00:00"]),
        "records/instant",
    ),
}


@pytest.mark.parametrize("column", BAD_ROWS)
def test_a_bad_row_at_the_very_end_leaves_nothing(tmp_path: Path, column: str) -> None:
    given = corpus(tmp_path / "in", 100)
    values, code = BAD_ROWS[column]
    table = pq.read_table(given.sources[-1])
    place = table.column_names.index(column)
    pq.write_table(table.set_column(place, column, values), given.sources[-1], row_group_size=8)
    with pytest.raises(InputError) as caught:
        privity.clear(given.sources, out=tmp_path / "set" / "out", **given.asked)
    assert caught.value.code == code
    assert "row 49" in str(caught.value)
    assert not (tmp_path / "set").exists()


def test_a_source_that_goes_away_leaves_nothing(tmp_path: Path) -> None:
    given = corpus(tmp_path / "in", 100)

    def progress(stage: str, _rows: int) -> None:
        if stage == "copy":
            given.sources[-1].unlink(missing_ok=True)

    with pytest.raises(PrivityError) as caught:
        privity.clear(
            given.sources, out=tmp_path / "set" / "out", progress=progress, **given.asked
        )
    assert caught.value.code == "records/changed"
    assert not (tmp_path / "set").exists()


def test_an_error_in_what_is_told_of_progress_leaves_nothing(tmp_path: Path) -> None:
    given = corpus(tmp_path / "in", 100)

    def progress(stage: str, _rows: int) -> None:
        if stage == "copy":
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        privity.clear(
            given.sources, out=tmp_path / "set" / "out", progress=progress, **given.asked
        )
    assert not (tmp_path / "set").exists()


@contextmanager
def two_at_once(first: Callable[[], object]) -> Iterator[None]:
    """Run something in a thread beside the body."""
    thread = threading.Thread(target=first)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def test_two_clearings_of_one_name_at_once_make_one_set(tmp_path: Path) -> None:
    """Each waits for the other to be in its second reading: neither removes the other's work."""
    given = corpus(tmp_path / "in", 100)
    out = tmp_path / "set" / "out"
    meet = threading.Barrier(2, timeout=60)
    ends: list[str] = []

    def clear() -> None:
        met: list[bool] = []

        def progress(stage: str, _rows: int) -> None:
            if stage == "copy" and not met:
                met.append(True)
                meet.wait()

        try:
            privity.clear(given.sources, out=out, threads=1, progress=progress, **given.asked)
        except PrivityError as error:
            ends.append(error.code)
        else:
            ends.append("made")

    with two_at_once(clear):
        clear()
    assert sorted(ends) == ["clear/exists", "made"]
    assert left_in(out.parent) == ["out"]
    assert set(content(out)) >= {"manifest.json", "summary.csv", "data/part-00000.parquet"}
