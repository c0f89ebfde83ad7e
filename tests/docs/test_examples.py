# SPDX-License-Identifier: Apache-2.0
"""The harness itself: an example that is wrong fails, one that is right passes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sybil.example import SybilFailure

RunPage = Callable[[Path], int]


@pytest.fixture
def page_of(tmp_path: Path, run_page: RunPage) -> Callable[[str], int]:
    def run(text: str) -> int:
        page = tmp_path / "page.md"
        page.write_text(text, encoding="utf-8")
        return run_page(page)

    return run


def test_blocks_of_a_page_share_their_names(page_of: Callable[[str], int]) -> None:
    assert page_of("```python\nx = 1\n```\n\n```python\n>>> x + 1\n2\n\n```\n") == 2


def test_a_wrong_session_fails(page_of: Callable[[str], int]) -> None:
    with pytest.raises(SybilFailure):
        page_of("```python\n>>> 1 + 1\n3\n\n```\n")


def test_a_failing_statement_fails(page_of: Callable[[str], int]) -> None:
    with pytest.raises(AssertionError):
        page_of("```python\nassert 1 == 2\n```\n")


def test_a_console_block_is_run_and_compared(page_of: Callable[[str], int]) -> None:
    assert page_of("```console\n$ printf 'one\\ntwo\\nthree\\n'\none\n...\nthree\n```\n") == 1


def test_a_command_may_go_on_over_lines(page_of: Callable[[str], int]) -> None:
    assert page_of("```console\n$ echo one \\\n    two\none two\n```\n") == 1


def test_other_output_than_written_fails(page_of: Callable[[str], int]) -> None:
    with pytest.raises(SybilFailure, match="instead of"):
        page_of("```console\n$ echo one\ntwo\n```\n")


def test_a_failing_command_fails(page_of: Callable[[str], int]) -> None:
    with pytest.raises(SybilFailure, match="ended with 3"):
        page_of("```console\n$ exit 3\n```\n")


def test_a_refusal_is_no_failure(page_of: Callable[[str], int]) -> None:
    assert page_of("```console\n$ exit 1\n```\n") == 1


def test_a_make_target_that_is_gone_fails(page_of: Callable[[str], int]) -> None:
    assert page_of("```console\n$ make test\n```\n") == 1
    with pytest.raises(SybilFailure, match="Makefile has no"):
        page_of("```console\n$ make coffee\n```\n")


def test_an_example_is_left_out_with_its_reason(
    page_of: Callable[[str], int], capsys: pytest.CaptureFixture[str]
) -> None:
    page_of('<!-- skip: next "needs a printer" -->\n\n```console\n$ exit 3\n```\n')
    assert "needs a printer" in capsys.readouterr().out
