# SPDX-License-Identifier: Apache-2.0
"""`privity policy`: what is printed, and with which code it ends (POL-40, POL-50, POL-60)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from privity.canonical.encode import encode_pretty
from privity.cli.policy import command
from privity.errors import InputError
from privity.policy.schema import json_schema

Run = Callable[..., Result]
SMALL = Path("examples") / "small" / "policy.yaml"


@pytest.fixture
def run(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(repository)
    return lambda *arguments: CliRunner().invoke(command, [str(one) for one in arguments])


@pytest.fixture
def written(tmp_path: Path, repository: Path) -> Callable[..., Path]:
    """The small example in a file of its own, with a text replaced."""

    def write(old: str = "", new: str = "", name: str = "policy.yaml") -> Path:
        text = (repository / SMALL).read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / name
        path.write_text(text.replace(old, new), encoding="utf-8")
        return path

    return write


def line_of(path: Path, text: str) -> int:
    """The line on which a text first stands, counted from 1."""
    return path.read_text(encoding="utf-8").partition(text)[0].count("\n") + 1


def test_a_sound_policy_ends_with_0_and_says_when_it_is_in_force(run: Run) -> None:
    result = run("check", SMALL)
    assert result.exit_code == 0
    assert result.output.endswith(
        "genai-training 2024-09-18: in force from 2024-09-18T00:00:00Z on\n2 notes\n"
    )
    assert run("check", "--strict", SMALL).exit_code == 0


def test_nothing_found_is_said(run: Run, written: Callable[..., Path]) -> None:
    text = written("live_from: 2024-08-15", "live_from: 2024-09-18").read_text(encoding="utf-8")
    path = written()
    path.write_text(
        text.replace("live_from: 2024-08-15", "live_from: 2024-09-18").replace(
            "categories: [credentials]",
            "categories: [ai-input], purposes: [genai-training], recipients: [third-party]",
        ),
        encoding="utf-8",
    )
    assert run("check", path).output.endswith("\nnothing found\n")


def test_an_error_ends_with_2_and_names_its_place_and_its_hint(
    run: Run, written: Callable[..., Path]
) -> None:
    """POL-40."""
    path = written("minimum_age: 18", "minimum_agge: 18")
    line = line_of(path, "minimum_agge")
    result = run("check", path)
    assert result.exit_code == 2
    assert result.output == (
        f"{path}:{line}:5: error: unknown key `minimum_agge` in `settings.genai-improvement`, expected "
        "`minimum_age` [policy/unknown-key]\n"
        "  did you mean `minimum_age`?\n"
        "1 error\n"
    )


def test_an_alarm_is_in_capitals_and_ends_with_2_only_where_strict(
    run: Run, written: Callable[..., Path]
) -> None:
    """POL-40, POL-41."""
    path = written(
        "effective_at: 2024-09-18T00:00:00Z\ngroups",
        "effective_at: 2024-09-01T00:00:00Z\ngroups",
    )
    result = run("check", path)
    assert result.exit_code == 0
    assert result.output.startswith(
        f"{path}:{line_of(path, 'effective_at')}:1: ALARM: version `2024-09-18` says that it takes"
    )
    assert result.output.endswith("1 alarm, 2 notes\n")
    assert run("check", "--strict", path).exit_code == 2


def test_a_warning_ends_with_2_only_where_strict(
    run: Run, written: Callable[..., Path]
) -> None:
    """POL-40."""
    path = written("exempt: [exempt]", "exempt: []")
    assert run("check", path).exit_code == 0
    assert run("check", "--strict", path).exit_code == 2


def test_versions_are_listed_with_their_times(run: Run, written: Callable[..., Path]) -> None:
    later = written('version: "2024-09-18"', 'version: "2"', "later.yaml")
    text = later.read_text(encoding="utf-8").replace("2024-09-18T", "2025-09-18T", 2)
    later.write_text(text, encoding="utf-8")
    result = run("check", written(), later)
    assert (
        "genai-training 2024-09-18: in force from 2024-09-18T00:00:00Z until 2025-09-18T00:00:00Z\n"
        "genai-training 2: in force from 2025-09-18T00:00:00Z on\n"
    ) in result.output


def test_findings_as_json(run: Run, written: Callable[..., Path]) -> None:
    """POL-40."""
    path = written("P30D", "30 days")
    result = run("check", "--json", path)
    assert result.exit_code == 2
    assert json.loads(result.output) == {
        "counts": {"alarm": 0, "error": 1, "note": 0, "warning": 0},
        "findings": [
            {
                "level": "error",
                "code": "policy/type",
                "message": "`settings.genai-improvement.objection_window` is `30 days`, expected a "
                "duration such as `P30D`",
                "hint": None,
                "file": str(path),
                "line": line_of(path, "30 days"),
                "column": 23,
            }
        ],
        "versions": [],
    }


def test_versions_as_json_and_findings_without_a_place(
    run: Run, written: Callable[..., Path]
) -> None:
    sound = json.loads(run("check", "--json", SMALL).output)
    assert sound["versions"] == [
        {
            "policy": "genai-training",
            "version": "2024-09-18",
            "file": str(SMALL),
            "start": "2024-09-18T00:00:00Z",
            "until": None,
        }
    ]
    twice = json.loads(run("check", "--json", SMALL, written()).output)
    [reused] = [one for one in twice["findings"] if one["level"] == "error"]
    assert (reused["code"], reused["file"], reused["line"]) == (
        "policy/version-reused",
        None,
        None,
    )
    assert twice["versions"] == []
    assert (
        "\nerror: version `2024-09-18` stands in"
        in "\n" + run("check", SMALL, written()).output
    )


def test_show_prints_the_page(run: Run) -> None:
    """POL-50."""
    result = run("show", SMALL)
    assert result.exit_code == 0
    assert result.output.startswith("What network may do with what its members write")
    early = run("show", SMALL, "--at", "2024-01-01T00:00:00Z")
    assert "No version is in force on 1 January 2024: nothing may be used.\n" in early.output


def test_show_as_json(run: Run) -> None:
    """POL-50."""
    data = json.loads(run("show", "--json", "--at", "2025-01-01T00:00:00Z", SMALL).output)
    assert (data["version"], data["at"]) == ("2024-09-18", "2025-01-01T00:00:00Z")


def test_show_of_what_cannot_be_read_is_an_error(run: Run) -> None:
    assert isinstance(run("show", "nothing.yaml").exception, InputError)


def test_an_instant_without_a_zone_is_no_instant(run: Run) -> None:
    result = run("show", SMALL, "--at", "2025-01-01T00:00:00")
    assert result.exit_code == 2
    assert "is no instant" in result.output


def test_schema_prints_the_schema(run: Run) -> None:
    """POL-60."""
    assert run("schema").output == encode_pretty(json_schema())


@pytest.mark.parametrize("name", ["check", "show"])
def test_a_path_must_be_given(run: Run, name: str) -> None:
    assert run(name).exit_code == 2
