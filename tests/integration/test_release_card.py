# SPDX-License-Identifier: Apache-2.0
"""The card of a release that is made is true, is shown by the command, and is the one that was signed (REL-40, REL-54)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from tests.integration.conftest import Program
from tests.integration.releases import folder_of, release
from tests.integration.revoked import no, run
from tests.integration.workspaces import MEMBERS, Made, make
from tests.unit.release.papers.pages import read_page

from privity.errors import UnavailableError
from privity.release.described import Described
from privity.release.papers.hiding import LEAST
from privity.release.papers.writing import check_papers


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    found = make(tmp_path_factory.mktemp("card"))
    release(found)
    return found


def test_its_numbers_are_those_of_the_clearing(made: Made) -> None:
    root = folder_of(made).root
    figures = json.loads((root / "card.json").read_bytes())["figures"]
    manifest = json.loads(
        (made.root / "vault" / "releases" / "first" / "clearing" / "manifest.json").read_bytes()
    )
    counts = manifest["counts"]
    assert figures["records"] == counts["records"] == 300
    assert figures["permitted"] == counts["permitted"]
    for line in figures["categories"]:
        truth = counts["by_category"][line["category"]]
        assert line["permitted"] in {None, truth["permitted"]}
    for line in figures["reasons"]:
        truth = counts["reasons"][line["reason"]]
        assert line["records"] == (truth if truth >= LEAST else None)


def test_the_papers_are_signed_with_the_key_of_the_entry(made: Made) -> None:
    root = folder_of(made).root
    described = Described.parse((root / "release.json").read_bytes())
    certificate = check_papers(root, described)
    assert certificate.entry == described.index
    assert certificate.recipient == "self"
    page = read_page((root / "card.html").read_text("utf-8"))
    assert page.all("h1")[0].text == "Release first"


def test_the_command_shows_it(made: Made, program: Program) -> None:
    shown = program("release", "card", "first", "--workspace", str(made.root))
    assert shown.code == 0, shown.err
    assert shown.out == (folder_of(made).root / "card.md").read_text("utf-8")
    told = program("release", "card", "first", "--workspace", str(made.root), "--json")
    assert json.loads(told.out) == json.loads((folder_of(made).root / "card.json").read_bytes())


def test_a_taking_back_leaves_the_numbers_of_the_making(tmp_path: Path) -> None:
    """REL-44: and its papers are those of the new revision, signed."""
    made = make(tmp_path)
    release(made)
    root = folder_of(made).root
    before = {name: (root / name).read_text("utf-8") for name in ("card.json", "card.md")}
    no(made, MEMBERS[0], MEMBERS[1])
    run(made)
    assert (root / "card.json").read_text("utf-8") == before["card.json"]
    after = (root / "card.md").read_text("utf-8")
    assert after.startswith("# Release first, revision 2\n")
    tables = [
        [line for line in text.splitlines() if line[:1] == "|"]
        for text in (before["card.md"], after)
    ]
    assert tables[0] == tables[1]
    described = Described.parse((root / "release.json").read_bytes())
    assert described.content.rows < described.created.content.rows
    assert check_papers(root, described).revision == 2


def test_without_matplotlib_nothing_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(tmp_path, count=60)
    before = made.entries()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UnavailableError) as caught:
        release(made)
    assert caught.value.code == "release/no-matplotlib"
    assert made.entries() == before


def test_a_card_that_was_changed_is_not_shown(tmp_path: Path, program: Program) -> None:
    made = make(tmp_path, count=60)
    release(made)
    path = folder_of(made).root / "card.md"
    path.write_text(path.read_text("utf-8").replace("60", "61"), "utf-8")
    shown = program("release", "card", "first", "--workspace", str(made.root))
    assert shown.code == 3
    assert "card.md" in shown.err
    assert program("release", "card", "other", "--workspace", str(made.root)).code == 2
