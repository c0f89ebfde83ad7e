# SPDX-License-Identifier: Apache-2.0
"""The words, the rules and the help load no engine: who only reads or audits pays for none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

ENGINES = frozenset(
    {
        "datasets",
        "deltalake",
        "duckdb",
        "matplotlib",
        "numba",
        "numpy",
        "pandas",
        "polars",
        "pyarrow",
        "pyspark",
        "reportlab",
        "torch",
    }
)

LOADED_BY = {
    "the specification": "from privity.decide.one import decide",
    "the explanation": "import privity.decide.explain",
    "the policy": "import privity.policy",
    "the vocabulary": "import privity.vocabulary",
    "the timeline": "import privity.members.timeline",
    "the canonical forms": "import privity.canonical",
    "the entries": "import privity.entries.decode, privity.entries.receipts",
    "whoever verifies a log": "import privity.app.public_tree.proving, privity.app.public_tree.verifying",
    "the package itself": "import privity",
    "`privity --help`": """
import io, contextlib
from privity.cli import main
sys.argv = ["privity", "--help"]
with contextlib.redirect_stdout(io.StringIO()) as shown:
    try:
        main()
    except SystemExit as stop:
        assert not stop.code, stop.code
assert "Usage" in shown.getvalue()
""",
}


def modules_loaded_by(code: str) -> set[str]:
    """The top-level modules that a bare interpreter has after the code."""
    report = "\nprint(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", f"import json, sys\n{code}{report}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_an_engine_that_is_loaded_shows() -> None:
    assert "numpy" in modules_loaded_by("import numpy")


@pytest.mark.parametrize("code", LOADED_BY.values(), ids=LOADED_BY.keys())
def test_no_engine_is_loaded_by(code: str) -> None:
    assert not ENGINES & modules_loaded_by(code)


@pytest.mark.parametrize(
    "code",
    [
        "import privity.app.live, privity.web.desk",
        "import privity.app.explaining, privity.app.releases.using.of_member",
        "from privity.cli import main\ntry: main(['decide', '--help'])\nexcept SystemExit: pass",
    ],
    ids=["an open workspace", "explanations", "`privity decide --help`"],
)
def test_loops_are_not_loaded_before_one_is_called(code: str) -> None:
    assert not {"numba", "llvmlite"} & modules_loaded_by(code)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["release", "create", "--help"], 5),
        (["release", "verify", "--help"], 5),
        (["release", "list", "--help"], 0),
        (["ledger", "publish", "--help"], 0),
        (["ledger", "check", "--help"], 0),
        (["clear", "--help"], 0),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else str(one),
)
def test_without_the_extra_only_what_needs_it_says_that_it_is_missing(
    arguments: list[str], code: int
) -> None:
    program = f"""
import sys
for name in ("deltalake", "matplotlib"):
    sys.modules[name] = None
from privity.cli import main
main({arguments!r})
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    if code:
        assert done.stderr.startswith("privity: deltalake is not installed")
        assert "privity[release]" in done.stderr


def test_without_the_extra_that_prints_no_report_is_begun(tmp_path: Path) -> None:
    question = ROOT / "examples" / "inmail-dispute" / "statements" / "private-messages.yaml"
    asked = ["audit", "statement", question, "--workspace", ROOT / "examples/ledger/public"]
    program = """
import sys
sys.modules["reportlab"] = None
from privity.cli import main
main(sys.argv[1:])
"""
    plain, done = (
        subprocess.run(
            [sys.executable, "-c", program, *map(str, [*asked, *more])],
            capture_output=True,
            text=True,
            check=False,
        )
        for more in ([], ["--out", tmp_path / "report"])
    )
    # Without paper it is asked like any other question, whatever the answer is.
    assert plain.returncode != done.returncode == 5, done.stderr
    assert done.stderr.startswith("privity: reportlab is not installed")
    assert "privity[audit]" in done.stderr
    assert list(tmp_path.iterdir()) == []
