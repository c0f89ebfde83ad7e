# SPDX-License-Identifier: Apache-2.0
"""`privity audit statement` and `whatif`: what is wrong with a question is said before any log is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from privity.app.auditing.answering.answer_statement import statement_inputs
from privity.app.auditing.answering.answer_whatif import Otherwise, whatif_inputs
from privity.app.auditing.answering.asking import Inputs
from privity.cli.audit import command
from privity.errors import InputError, PrivityError

Fails = Callable[..., str]
SMALL = Path("examples") / "small"
CLAIM = Path("examples") / "inmail-dispute" / "claim.yaml"


@pytest.fixture
def fails(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Fails:
    """Ask of a workspace that there is not, and give what is said; it must not be of the workspace."""
    monkeypatch.chdir(repository)

    def run(*words: str | Path) -> str:
        arguments = [*map(str, words), "--workspace", "nowhere"]
        result = CliRunner().invoke(command, arguments)
        assert result.exit_code != 0
        assert "nowhere" not in result.output
        if isinstance(result.exception, PrivityError):
            return f"{result.exception.code}: {result.exception}"
        return result.output

    return run


def test_a_file_that_is_no_statement_is_said_where_it_lies(fails: Fails) -> None:
    said = fails("statement", CLAIM)
    assert said.startswith(
        f"policy/unknown-key: {CLAIM}:3:1: unknown key `class` in the statement"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "audit/whatif: nothing is to be otherwise"),
        (("--exempt", "UK"), "vocabulary/unknown-place"),
        (("--notice", "genai-2024-09"), "expected ID=INSTANT"),
        (("--notice", "genai-2024-09=monday"), "`monday` is no instant"),
        (("--notice", "a=2024-09-18T00:00:00Z", "--notice", "a=2024-09-19T00:00:00Z"), "audit/whatif"),
        (("--policy", CLAIM), "policy/unknown-key"),
        (("--policy", "examples/nothing"), "policy/no-file"),
        (("--exempt", "US", "--disclosed", "dump.parquet"), "is asked about with a FILE"),
        ((SMALL / "policy.yaml", "--exempt", "US"), "in the question about a class"),
        ((CLAIM, "--exempt", "US", "--disclosed", SMALL / "records.jsonl"), "audit/records"),
    ],
)  # fmt: skip
def test_what_would_be_otherwise_is_read_first(
    fails: Fails, words: tuple[str | Path, ...], said: str
) -> None:
    assert said in fails("whatif", *words)


def test_a_policy_and_a_question_of_one_name_are_told_apart(
    repository: Path, tmp_path: Path
) -> None:
    """A bundle has its files side by side."""
    policy = (repository / SMALL / "policy.yaml").read_bytes()
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "claim.yaml").write_bytes(policy)
    asked = Inputs(kind="class", files={"claim.yaml": b""}, options={"question": "claim.yaml"})
    with pytest.raises(InputError) as caught:
        whatif_inputs(Otherwise(policies=[tmp_path / "a" / "claim.yaml"]), asked)
    assert caught.value.code == "audit/same-name"
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "claim.yaml").write_bytes(policy)
    places = [tmp_path / "a", tmp_path / "b"]
    with pytest.raises(InputError) as caught:
        whatif_inputs(Otherwise(policies=places))
    assert caught.value.code == "audit/same-name"


def test_what_is_asked_is_plain_and_whole(tmp_path: Path) -> None:
    """Files are read once: what is asked of a bundle is what was asked first."""
    path = tmp_path / "said.yaml"
    path.write_text("{statement: s, says: Never., never: {}}")
    inputs = statement_inputs(path)
    path.unlink()
    assert inputs == Inputs(
        kind="statement", files={"said.yaml": b"{statement: s, says: Never., never: {}}"}
    )
