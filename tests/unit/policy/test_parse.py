# SPDX-License-Identifier: Apache-2.0
"""Policies are read from text, mappings, files and directories (POL-1, POL-4)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from privity.errors import InputError
from privity.policy.parse import (
    inspect_policy,
    parse_policy,
    policy_files,
    read_policies,
    version_from,
)

Edit = Callable[..., dict[str, Any]]


def test_text_and_mapping_of_every_vector_give_the_same_version(repository: Path) -> None:
    vectors = json.loads((repository / "tests" / "vectors" / "decide.json").read_bytes())
    for vector in vectors:
        for made in vector["policies"]:
            assert parse_policy(json.dumps(made), file="f") == version_from(made, file="f")


def test_all_problems_are_named_in_the_order_of_the_text(spec_text: str) -> None:
    """POL-4."""
    text = (
        spec_text.replace("controller: network", "controllerr: network")
        .replace("minimum_age: 18", "minimum_age: old")
        .replace("P30D", "P1Y")
    )
    found = inspect_policy(text, file="f.yaml")
    assert found.version is None
    assert [str(error.where) for error in found.problems] == [
        "f.yaml:1:1",
        "f.yaml:3:1",
        "f.yaml:19:23",
        "f.yaml:20:18",
    ]
    with pytest.raises(InputError, match=r"^f\.yaml:1:1: the policy has no key `controller`"):
        parse_policy(text, file="f.yaml")


@pytest.mark.parametrize("text", ["[]", "policy", "~"])
def test_a_policy_that_is_no_mapping_is_an_error(text: str) -> None:
    [error] = inspect_policy(text, file="f").problems
    assert error.message.startswith("the policy is ")


def test_a_text_that_is_no_yaml_has_that_one_problem() -> None:
    """POL-4."""
    reading = inspect_policy("a: [", file="f")
    assert (reading.version, len(reading.problems)) == (None, 1)


def test_a_mapping_has_no_lines_and_its_first_problem_is_named(edited: Edit) -> None:
    made = edited({"policy": 1, "controller": 2})
    with pytest.raises(InputError, match=r"^<policy>: `policy` is `1`, expected text$"):
        version_from(made)


@pytest.fixture
def folder(tmp_path: Path, edited: Edit) -> Path:
    for name, start in (("b.json", "2025"), ("a.yaml", "2024"), ("c.yml", "2026")):
        changes = {
            "version": name,
            "published_at": f"{start}-01-01T00:00:00Z",
            "effective_at": f"{start}-01-01T00:00:00Z",
        }
        (tmp_path / name).write_text(json.dumps(edited(changes)), encoding="utf-8")
    (tmp_path / ".hidden.yaml").write_text("no policy", encoding="utf-8")
    (tmp_path / ".hidden").mkdir()
    return tmp_path


def test_a_directory_stands_for_its_policy_files(folder: Path) -> None:
    found = read_policies([folder])
    assert [one.version for one in found.versions] == ["a.yaml", "b.json", "c.yml"]
    assert [one.source for one in found.versions] == [
        str(folder / name) for name in ("a.yaml", "b.json", "c.yml")
    ]


def test_an_ending_in_capitals_is_a_policys_too(folder: Path) -> None:
    for old, new in (("a.yaml", "a.YAML"), ("b.json", "b.Json"), ("c.yml", "c.YML")):
        (folder / old).rename(folder / new)
    found = read_policies([folder])
    assert [one.version for one in found.versions] == ["a.yaml", "b.json", "c.yml"]


@pytest.mark.parametrize("name", ["2025/v2.yaml", "2025/may/v2.YML", "v2.yaml/v2.json"])
def test_a_version_that_lies_below_is_one_of_them(folder: Path, name: str) -> None:
    """It may be the stricter one; and a link that leads back up ends nowhere."""
    (below := folder / name).parent.mkdir(parents=True)
    (folder / "b.json").rename(below)
    (below.parent / "up").symlink_to(folder)
    (folder / "notes.md").write_text("not a policy", encoding="utf-8")
    found = read_policies([folder])
    assert [one.version for one in found.versions] == ["a.yaml", "b.json", "c.yml"]


def test_a_link_that_leads_nowhere_is_an_error(folder: Path) -> None:
    (folder / "v2.yaml").symlink_to(folder / "gone.yaml")
    with pytest.raises(InputError) as caught:
        read_policies([folder])
    assert caught.value.code == "policy/no-file"


def test_a_file_named_twice_is_read_once(folder: Path) -> None:
    assert policy_files([folder / "b.json", folder]) == (
        folder / "b.json",
        folder / "a.yaml",
        folder / "c.yml",
    )


def test_a_file_of_any_name_is_read_when_it_is_named(folder: Path) -> None:
    text = (folder / "a.yaml").rename(folder / "policy")
    assert len(read_policies([text]).versions) == 1


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("missing.yaml", None, "policy/no-file"),
        ("empty", "", "policy/no-file"),
        ("latin.yaml", b"policy: stra\xdfe\n", "policy/encoding"),
        ("large.yaml", b"#" * ((1 << 20) + 1), "policy/too-large"),
        ("wrong.yaml", b"- a\n", "policy/type"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, name: str, content: bytes | str | None, code: str
) -> None:
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        path.mkdir()
    with pytest.raises(InputError) as caught:
        read_policies([path])
    assert caught.value.code == code
    assert caught.value.where is not None
    assert caught.value.where.file == str(path)


def test_a_folder_that_cannot_be_listed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(InputError, match=r"cannot be read \(permission denied\)"):
        policy_files([tmp_path])


def test_the_byte_that_is_no_utf_8_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(b"policy: x\nversion: \xff\n")
    with pytest.raises(InputError, match="byte 19 is no UTF-8") as caught:
        read_policies([path])
    assert caught.value.where is not None
    assert caught.value.where.line == 2


def test_a_ring_of_links_is_no_file(tmp_path: Path) -> None:
    ring = tmp_path / "ring.yaml"
    ring.symlink_to(ring)
    for path in (ring, tmp_path):
        with pytest.raises(InputError) as refused:
            read_policies([path])
        assert "\n" not in str(refused.value)
