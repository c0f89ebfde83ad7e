# SPDX-License-Identifier: Apache-2.0
"""The commands that record, as somebody types them: what they print, with which code, and what is there then."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.integration.conftest import Done, Program

from privity.app.workspace.opening import open_workspace
from privity.store.lock import locked

SMALL = Path(__file__).resolve().parents[2] / "examples" / "small"
START = "2024-09-18T00:00:00Z"
LATER = "2025-06-01T00:00:00Z"
OFF = ("setting", "off", "--detail", "setting=genai-improvement")

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def root(tmp_path: Path, program: Program) -> Path:
    """A workspace with a simulated clock."""
    made = init(program, tmp_path / "net", "--clock", "simulated", "--now", START)
    assert made.code == 0
    return tmp_path / "net"


@pytest.fixture
def ask(program: Program) -> Ask:
    """Run a command, and read its JSON."""

    def run(*arguments: str | Path) -> dict[str, Any]:
        done = program(*arguments, "--json")
        assert (done.code, done.err) == (0, "")
        found: dict[str, Any] = json.loads(done.out)
        return found

    return run


def init(program: Program, root: Path, *more: str | Path) -> Done:
    simulated = "simulated" in more
    origin = "example.com/simulated" if simulated else "example.com"
    return program("init", root, "--origin", origin, *more)


def entries(root: Path) -> int:
    with open_workspace(root) as workspace:
        return workspace.store.head().size


def test_init_says_what_was_made_and_what_to_hand_out(tmp_path: Path, program: Program) -> None:
    done = init(program, tmp_path / "net")
    vkey = (tmp_path / "net" / "public" / "vkey").read_text().strip()
    assert done.code == 0
    assert f"  {vkey}" in done.out.splitlines()
    assert "not independently witnessed" in done.out
    assert "simulated" not in done.out
    assert "by another way than the log" in done.out
    assert done.err.startswith("warning: the anchor lies in the workspace")
    for private in ("keys/log.key", "vault/keys.db", "state/ledger.db", "privity.toml"):
        assert stat.S_IMODE((tmp_path / "net" / private).stat().st_mode) == 0o600


def test_an_anchor_elsewhere_needs_no_warning(
    tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = ask("init", "net", "--origin", "example.com", "--anchor", "elsewhere/net")
    assert made["anchor_in_workspace"] is False
    assert (tmp_path / "elsewhere" / "net").exists()
    assert (made["clock"], made["attested"], made["witnessed"]) == ("system", "restrict", False)
    # It is found again from wherever a command is run.
    monkeypatch.chdir("/")
    assert ask("order", "list", "--workspace", tmp_path / "net")["orders"] == []


@pytest.mark.parametrize(
    ("given", "code", "what"),
    [
        (("--origin", "two words"), 2, "`two words` is no name of a key"),
        (
            ("--origin", "example.com/simulated"),
            2,
            "expected one that ends in `/simulated` where",
        ),
        (("--origin", "example.com", "--now", START), 2, "goes by the system’s clock"),
        (("--origin", "example.com", "--clock", "sundial"), 2, "`sundial` is not one of"),
        (("--origin", "example.com", "--anchor", 'a"b'), 2, "without quotation marks"),
        ((), 2, "missing option `--origin`"),
    ],
)
def test_what_cannot_be_a_workspace_leaves_no_folder(
    tmp_path: Path, program: Program, given: tuple[str, ...], code: int, what: str
) -> None:
    done = program("init", tmp_path / "net", *given)
    assert (done.code, done.out) == (code, "")
    assert what in done.err.splitlines()[0]
    assert not (tmp_path / "net").exists()


def test_a_workspace_is_made_once(root: Path, program: Program) -> None:
    before = sorted(root.rglob("*"))
    done = init(program, root, "--clock", "simulated")
    assert (done.code, done.err.splitlines()[0]) == (
        4,
        f"privity: `{root}` is a workspace already",
    )
    assert sorted(root.rglob("*")) == before


def test_every_recording_command_publishes_and_can_be_repeated(
    tmp_path: Path, root: Path, ask: Ask
) -> None:
    to = ("--workspace", root)
    notice = tmp_path / "notice.txt"
    notice.write_text("What we will do from now on.")
    commands: tuple[tuple[str | Path, ...], ...] = (
        ("recipient", "add", "lab", "--role", "third-party"),
        ("recipient", "change", "lab", "--role", "affiliate", "--at", LATER),
        ("recipient", "end", "lab", "--at", "2026-01-01T00:00:00Z"),
        ("order", "issue", "hk", "--jurisdictions", "HK, EU", "--categories", "message"),
        ("order", "lift", "hk", "--at", LATER),
        ("members", "set", "chi", *OFF, "--new"),
        (
            "policy", "publish", SMALL / "policy.yaml", "--yes",
            "--notice", f"genai-2024-09={notice}",
        ),
    )  # fmt: skip
    for number, command in enumerate(commands):
        first = ask(*command, *to, "--now", START, "--request", f"request {number}")
        again = ask(*command, *to, "--now", START, "--request", f"request {number}")
        assert (first["again"], again["again"]) == (False, True)
        assert (first["first"], first["count"], first["time"]) == (
            again["first"],
            again["count"],
            START,
        )
        assert first["published"]["size"] == again["published"]["size"] == entries(root)
    verified = ask("ledger", "verify", root / "public", "--vkey", root / "public" / "vkey")
    assert verified["size"] == entries(root)


def test_lists_show_what_holds_at_an_instant(root: Path, ask: Ask, program: Program) -> None:
    to = ("--workspace", root)
    ask("recipient", "add", "lab", "--role", "third-party", *to)
    ask("order", "issue", "hk", "--jurisdictions", "HK,EU", "--at", LATER, *to)
    assert ask("recipient", "list", *to)["recipients"] == [
        {"id": "lab", "key": None, "role": "third-party", "since": START}
    ]
    [order] = ask("order", "list", *to)["orders"]
    assert order == {
        "id": "hk", "since": LATER, "until": None, "jurisdictions": ["HK", "EU"], "stands": False,
    }  # fmt: skip
    assert program("order", "list", *to, "--at", LATER).out == (
        f"stands  hk  from {LATER}: jurisdictions HK, EU\n"
    )
    assert program("recipient", "list", *to).out == f"lab: third-party since {START}\n"


@pytest.mark.parametrize(
    ("command", "code", "what"),
    [
        (("order", "issue", "o", "--purposes", "model-trainig"), 2, "unknown purpose"),
        (
            ("order", "issue", "o", "--jurisdictions", ""),
            2,
            "the list of jurisdictions is empty",
        ),
        (("order", "lift", "o"), 4, "no order `o` stands"),
        (("recipient", "add", "lab", "--role", "lab"), 2, "unknown role `lab`"),
        (("recipient", "end", "lab"), 4, "recipient `lab` is not on the register"),
        (("members", "set", "chi", "settings"), 2, "unknown fact `settings`"),
        (("members", "set", "chi", *OFF, "--detail", "setting"), 2, "`setting` is no detail"),
        (("members", "set", "chi", *OFF, "--claimed-at", START), 2, "expected `--attested-by`"),
        (("members", "set", "chi", *OFF, "--attested-by", "A"), 2, "`--key` and `--evidence`"),
        (("members", "import", SMALL / "facts.csv"), 2, "nobody can set that"),
        (("members", "import", SMALL / "nothing.csv"), 2, "cannot read the facts"),
        (
            ("members", "baseline", SMALL / "facts.csv", "--claimed-by", "A"),
            2,
            "no Parquet file",
        ),
        (("policy", "publish", SMALL / "policy.yaml"), 2, "nobody can be asked here"),
        (("policy", "publish", SMALL / "facts.csv"), 2, "facts.csv"),
        (("policy", "publish", SMALL / "policy.yaml", "--notice", "x"), 2, "is no text"),
    ],
    ids=lambda one: (
        "-".join(map(str, one))[:60].replace("/", "_") if isinstance(one, tuple) else None
    ),
)
def test_wrong_input_is_one_line_and_records_nothing(
    root: Path, program: Program, command: tuple[str | Path, ...], code: int, what: str
) -> None:
    before = entries(root)
    done = program(*command, "--workspace", root)
    assert done.code == code
    first, *hints = done.err.splitlines()
    assert what in first
    assert first.startswith("privity: ")
    assert all(line.startswith("  hint: ") for line in hints)
    assert entries(root) == before


def test_no_clock_can_be_set_but_a_simulated_one(tmp_path: Path, program: Program) -> None:
    init(program, tmp_path / "net")
    for command in (
        ("order", "issue", "o"),
        ("recipient", "add", "lab", "--role", "affiliate"),
        ("members", "set", "chi", *OFF),
        ("members", "import", SMALL / "facts.csv"),
        ("policy", "publish", SMALL / "policy.yaml", "--yes"),
    ):
        done = program(*command, "--workspace", tmp_path / "net", "--now", START)
        assert (done.code, "goes by the system’s clock" in done.err) == (2, True)


def test_what_is_recorded_while_another_publishes_is_published_later(
    root: Path, program: Program
) -> None:
    to = ("--workspace", root)
    with locked(root / "state" / "ledger.lock"):
        done = program("members", "set", "chi", *OFF, "--new", *to)
        told = json.loads(program("members", "set", "ana", *OFF, "--new", *to, "--json").out)
    assert (done.code, told["published"]) == (0, None)
    assert done.out.splitlines()[-1].startswith(
        "not published yet: another process is publishing"
    )
    done = program("order", "issue", "o", *to)
    assert done.out.splitlines()[-1] == f"published: {entries(root)} entries"


def test_what_is_recorded_is_said_where_publishing_fails(root: Path, program: Program) -> None:
    """What was acknowledged is durable, whatever becomes of its publication."""
    (root / "public" / "object").write_text("no folder")
    done = program("policy", "publish", SMALL / "policy.yaml", "--workspace", root, "--yes")
    assert done.code == 5
    assert "policy.yaml: recorded as entry 1, at" in done.out.splitlines()[-1]
    assert done.err.startswith(f"privity: `{root / 'public'}")
    (root / "public" / "object").unlink()
    again = program("policy", "publish", SMALL / "policy.yaml", "--workspace", root, "--yes")
    assert again.out.splitlines()[-1] == "published: 2 entries"


def test_processes_that_ask_the_same_at_once_record_it_once(root: Path) -> None:
    command = (
        "members",
        "set",
        "chi",
        *OFF,
        "--new",
        "--workspace",
        root,
        "--request",
        "mine",
        "--json",
    )
    children = [
        subprocess.Popen(
            [sys.executable, "-c", "from privity.cli import main; main()", *map(str, command)],
            stdout=subprocess.PIPE,
        )
        for _ in range(4)
    ]
    told = [json.loads(child.communicate()[0]) for child in children]
    assert {one["first"] for one in told} == {1}
    assert sorted(one["again"] for one in told) == [False, True, True, True]
    assert entries(root) == 3  # the beginning, an enrolment, the fact


def attested(folder: Path, *, new: bool = True) -> tuple[str | Path, ...]:
    more = ("--new-key",) if new else ()
    evidence = SMALL / "facts.csv"
    return (
        "--attested-by",
        "A. Auditor",
        "--key",
        folder / "a.pem",
        "--evidence",
        evidence,
        *more,
    )


def test_facts_of_before_are_imported_where_somebody_attests_them(
    tmp_path: Path, root: Path, program: Program
) -> None:
    command = ("members", "import", SMALL / "facts.csv", "--workspace", root, "--now", LATER)
    done = program(*command, *attested(tmp_path))
    assert done.code == 0
    assert done.err == (
        f"{tmp_path / 'a.pem'}: a new key; keep it, and keep it to yourself\n"
        "note: what is claimed permits from its entry on, and what was written before it stays refused: this "
        "workspace was made without `--attested accept`\n"
    )
    assert done.out.splitlines()[0] == (
        f"{SMALL / 'facts.csv'}: 27 facts recorded as 32 entries, 27 of them attested by A. Auditor, "
        "5 members new in this workspace"
    )
    again = program(*command, *attested(tmp_path, new=False))
    assert again.out.splitlines()[0].endswith(", 27 of them recorded before")
    assert entries(root) == 33
    assert program(*command, *attested(tmp_path)).code == 4  # a key is not written over


def test_findings_about_facts_are_told_and_do_not_stop_an_import(
    tmp_path: Path, root: Path, program: Program, ask: Ask
) -> None:
    facts = tmp_path / "facts.csv"
    facts.write_text(
        f'member,fact,value,at,detail\nana,setting,of,{START},"{{""setting"":""s""}}"\n'
        f"ana,joined,,2024-09-17T00:00:00Z,\n"
    )
    done = program("members", "import", facts, "--workspace", root)
    assert done.code == 0
    assert "choice whose value is none of on, off and unset" in done.err
    assert "1 of them true before their entries, which makes them claims" in done.out
    told = ask("members", "import", facts, "--workspace", root, "--request", "again")
    assert (told["facts"], told["recorded_before"], told["true_before"]) == (2, 0, 1)
    assert [one["code"] for one in told["findings"]] == ["setting-value"]
    # Repeated later, the facts are no later than they were.
    command = ("members", "import", facts, "--workspace", root, "--now", LATER)
    told = ask(*command, "--request", "again")
    assert (told["recorded_before"], told["true_before"], told["findings"]) == (2, 0, [])
    assert program(*command).err == ""


def test_a_large_import_is_offered_as_a_baseline(
    tmp_path: Path, root: Path, program: Program, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privity.cli.members.import_.LARGE", 2)
    facts = tmp_path / "facts.csv"
    facts.write_text(
        f"member,fact,value,at,detail\nana,joined,,{START},\nben,joined,,{START},\n"
    )
    done = program("members", "import", facts, "--workspace", root)
    assert (done.code, entries(root)) == (2, 1)
    assert (
        f"`privity members baseline {facts} --workspace {root} --claimed-by NAME`" in done.err
    )
    assert ask("members", "import", facts, "--workspace", root, "--yes")["facts"] == 2


def test_a_baseline_is_one_entry(
    tmp_path: Path, root: Path, program: Program, ask: Ask
) -> None:
    facts = tmp_path / "facts.parquet"
    program(
        "members", "from-table", SMALL / "accounts.toml", SMALL / "accounts.csv", "--out", facts
    )
    command = ("members", "baseline", facts, "--workspace", root, "--now", LATER)
    made = ask(*command, "--claimed-by", "The platform")
    assert (made["first"], made["count"], made["facts"], made["claimed_by"]) == (
        1, 1, 15, "The platform",
    )  # fmt: skip
    done = program(*command, "--claimed-by", "The platform")
    assert done.out.splitlines()[0] == (
        "baseline of 15 facts, claimed by The platform: recorded before, as entry 1, at "
        + LATER
    )
    assert program(*command, "--claimed-by", "Somebody").code == 4


def test_a_policy_says_what_it_opens_before_it_is_published(
    root: Path, program: Program, ask: Ask
) -> None:
    command = ("policy", "publish", SMALL / "policy.yaml", "--workspace", root)
    done = program(*command, "--yes")
    assert done.code == 0
    assert "Opens: 2 ways" in done.out
    assert "notice `genai-2024-09` of `genai-improvement` must have reached them" in done.out
    assert "policy.yaml: recorded as entry 1" in done.out
    again = program(*command)
    assert (again.code, "recorded before, as entry 1" in again.out) == (0, True)
    assert ask(*command)["again"] is True


def answered(answer: str, *arguments: str | Path) -> tuple[int, str]:
    """Run the program at a terminal at which somebody answers; gives its code and what it wrote there."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", "from privity.cli import main; main()", *map(str, arguments)],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "NO_COLOR": "1", "TERM": "dumb"},
    )
    os.close(theirs)
    os.write(ours, f"{answer}\n".encode())
    assert child.stdout is not None
    out = child.stdout.read().decode()
    child.stdout.close()
    code = child.wait()
    seen = b""
    while True:
        try:
            more = os.read(ours, 1 << 16)
        except OSError:  # the other side of the terminal is closed
            break
        if not more:
            break
        seen += more
    os.close(ours)
    return code, out + seen.decode()


@pytest.mark.parametrize(
    ("answer", "code", "count"), [("y", 0, 2), ("n", 130, 1), ("", 130, 1)]
)
def test_a_policy_is_published_by_who_says_yes(
    root: Path, answer: str, code: int, count: int
) -> None:
    done, seen = answered(
        answer, "policy", "publish", SMALL / "policy.yaml", "--workspace", root
    )
    assert "Publish version 2024-09-18, for good?" in seen
    assert ("nothing published" in seen) == (code != 0)
    assert (done, entries(root)) == (code, count)
