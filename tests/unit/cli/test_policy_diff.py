# SPDX-License-Identifier: Apache-2.0
"""`privity policy diff` and `privity policy test`: what is printed, and with which code they end (CAS-21)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from privity.cli.policy import command
from privity.errors import InputError

Run = Callable[..., Result]
DISPUTE = Path("examples") / "inmail-dispute"
POLICIES = DISPUTE / "as-promised" / "policies"
SMALL = Path("examples") / "small"


@pytest.fixture
def run(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(repository)
    return lambda *arguments: CliRunner().invoke(command, [str(one) for one in arguments])


def test_a_diff_says_what_opens_and_closes(run: Run) -> None:
    result = run("diff", POLICIES / "2024-09-18.yaml", POLICIES / "2024-09-20.yaml")
    assert result.exit_code == 0
    assert "Opens: nothing" in result.output
    assert "members who are in Canada, China and United Kingdom\n" in result.output


def test_a_diff_is_plain_data_too(run: Run) -> None:
    files = (POLICIES / "2024-09-18.yaml", POLICIES / "2024-09-20.yaml")
    plain = json.loads(run("diff", *files, "--json").output)
    assert plain["follows"]
    assert plain["new"] == ["2024-09-18", "2024-09-20"]
    assert [one["places"] for one in plain["closes"]] == [["CA", "CN", "GB"]] * 2
    assert plain["reach"] is None
    alone = json.loads(run("diff", *files, "--json", "--alone").output)
    assert alone["new"] == ["2024-09-20"]


def test_a_diff_for_one_purpose_leaves_the_rest_out(run: Run) -> None:
    files = (POLICIES / "2024-09-18.yaml", POLICIES / "2024-09-20.yaml")
    result = run("diff", *files, "--purpose", "safety")
    assert "Closes: nothing" in result.output


def test_what_changes_on_a_platform_is_counted(run: Run) -> None:
    policy = SMALL / "policy.yaml"
    asked = (
        "--purpose",
        "genai-training",
        "--recipient",
        "self",
        "--at",
        "2025-06-01T00:00:00Z",
    )
    files = ("--facts", SMALL / "facts.csv", "--records", SMALL / "records.jsonl")
    result = run("diff", policy, policy, *files, *asked)
    assert result.exit_code == 0
    assert "Of 8 records, for genai-training to self:\n  open " in result.output
    plain = json.loads(run("diff", policy, policy, *files, *asked, "--json").output)
    assert plain["reach"]["records"] == 8


def test_counting_needs_all_that_it_asks_for(run: Run) -> None:
    policy = SMALL / "policy.yaml"
    result = run("diff", policy, policy, "--facts", SMALL / "facts.csv")
    assert result.exit_code == 2
    assert "missing option `--records`" in result.output


# Cases


def test_cases_that_pass_end_with_0(run: Run) -> None:
    result = run("test", DISPUTE / "cases.yaml")
    assert result.exit_code == 0
    assert result.output.endswith("11 cases: 11 passed, 0 failed\n")


def test_a_case_that_fails_ends_with_1(run: Run) -> None:
    """[CAS-21], [CAS-22]"""
    result = run("test", DISPUTE / "cases.yaml", "--policy", SMALL / "policy.yaml")
    assert result.exit_code == 1
    assert "  FAILED  an InMail is used by nobody" in result.output
    again = run("test", DISPUTE / "cases.yaml", "--policy", SMALL / "policy.yaml", "--json")
    assert again.exit_code == 1
    assert json.loads(again.output)["failed"] > 0


def test_cases_need_a_policy(run: Run, tmp_path: Path) -> None:
    text = (DISPUTE / "cases.yaml").read_text(encoding="utf-8")
    path = tmp_path / "cases.yaml"
    path.write_text(text.replace("policy: as-promised/policies\n", ""), encoding="utf-8")
    result = run("test", path)
    assert isinstance(result.exception, InputError)
    assert result.exception.code == "policy/missing-key"
    assert run("test", path, "--policy", POLICIES).exit_code == 0


def test_a_file_of_cases_that_is_not_there_is_said(run: Run, tmp_path: Path) -> None:
    result = run("test", tmp_path / "none.yaml")
    assert isinstance(result.exception, InputError)
    assert "the file of cases cannot be read" in str(result.exception)
