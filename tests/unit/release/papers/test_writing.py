# SPDX-License-Identifier: Apache-2.0
"""What is written beside a release is signed, found again, and says the same of the making ever after.

Holds REL-40, REL-44, REL-52 and REL-54.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.release.papers.made_papers import (
    NOW,
    SIGNER,
    SOME,
    making,
    put_release,
    revised,
    summary_of,
)

from privity.canonical.encode import digest_file
from privity.entries.dsse import STATEMENT, EnvelopeSigner, read_signed
from privity.errors import InputError, VerificationError
from privity.release.described import Described
from privity.release.files import MANIFEST, describe_files
from privity.release.papers.figures import Figures, figures_of
from privity.release.papers.making import Making
from privity.release.papers.writing import (
    check_papers,
    read_making,
    signed_digests,
    write_making,
    write_papers,
)

PAPERS = ("card.html", "card.md", "certificate.json", "croissant.json", "statement.json")


@pytest.fixture
def release(tmp_path: Path) -> tuple[Path, Described]:
    found = put_release(tmp_path)
    write_papers(tmp_path, found, signer=SIGNER, now=NOW)
    return tmp_path, found


def less(folder: Path, found: Described, *, rows: int = 1) -> Described:
    """Take the second file away, and describe what stays as the next revision."""
    (folder / "table" / "part-000001.parquet").unlink()
    manifest = describe_files(folder / "table", ["part-000000.parquet"], 1)
    (folder / MANIFEST).write_bytes(manifest.to_bytes())
    content = replace(
        found.content,
        files=1,
        rows=manifest.rows * rows,
        size=manifest.size,
        manifest=manifest.sha256,
    )
    made = revised(found, content)
    (folder / "release.json").write_bytes(made.to_bytes())
    return made


def test_the_same_release_has_the_same_papers(
    release: tuple[Path, Described], tmp_path: Path
) -> None:
    folder, found = release
    before = {name: (folder / name).read_bytes() for name in PAPERS}
    write_papers(folder, found, signer=SIGNER, now=NOW)
    assert {name: (folder / name).read_bytes() for name in PAPERS} == before
    assert not list(tmp_path.glob(".*"))


def test_the_statement_is_in_totos_and_names_every_file(
    release: tuple[Path, Described],
) -> None:
    folder, found = release
    said = read_signed(
        (folder / "statement.json").read_bytes(), payload_type=STATEMENT, public=SIGNER.public
    )
    assert said["_type"] == "https://in-toto.io/Statement/v1"
    assert set(said) == {"_type", "subject", "predicateType", "predicate"}
    named = {one["name"]: one["digest"]["sha256"] for one in said["subject"]}
    here = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in {"statement.json", "certificate.json"}
    }
    assert set(named) == here
    assert all(digest == digest_file(folder / name) for name, digest in named.items())
    predicate = said["predicate"]
    assert predicate["inputs"] == [{"digest": {"sha256": "ab" * 32}}]
    assert predicate["ledger_size"] == found.says.ledger_size
    assert predicate["policy"] == {"name": "genai-training", "version": "2024-09-18"}
    assert predicate["counts"]["rows"] == found.content.rows


def test_papers_are_checked_by_the_key_that_the_log_names(
    release: tuple[Path, Described],
) -> None:
    folder, found = release
    certificate = check_papers(folder, found)
    assert certificate.release == found.name
    write_papers(folder, found, signer=EnvelopeSigner(seed=b"\1" * 32), now=NOW)
    with pytest.raises(VerificationError, match="has not signed"):
        check_papers(folder, found)


@pytest.mark.parametrize(
    "name",
    [
        "card.html",
        "card.md",
        "card.json",
        "croissant.json",
        "release.json",
        "members/tags.parquet",
    ],
)
@pytest.mark.parametrize("how", ["changed", "missing"])
def test_a_paper_that_was_changed_is_found(
    release: tuple[Path, Described], name: str, how: str
) -> None:
    folder, found = release
    if how == "changed":
        (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    else:
        (folder / name).unlink()
    with pytest.raises(VerificationError) as caught:
        check_papers(folder, found)
    assert caught.value.code == "release/papers"


def test_a_certificate_and_a_statement_do_not_pass_for_each_other(
    release: tuple[Path, Described],
) -> None:
    folder, found = release
    shutil.copy(folder / "certificate.json", folder / "statement.json")
    with pytest.raises(InputError, match="payloadType"):
        check_papers(folder, found)


def test_the_papers_of_an_earlier_revision_do_not_pass(release: tuple[Path, Described]) -> None:
    folder, found = release
    later = less(folder, found)
    with pytest.raises(VerificationError):
        check_papers(folder, later)
    write_papers(folder, later, signer=SIGNER, now=NOW)
    assert check_papers(folder, later).revision == 2


def test_a_part_of_the_sidecar_that_is_as_it_was_is_not_read_once_more(
    release: tuple[Path, Described],
) -> None:
    folder, found = release
    known = signed_digests(folder, SIGNER.public)
    later = less(folder, found)
    part = folder / "members" / "part-000000.parquet"
    kept = part.read_bytes()
    part.unlink()  # reading it would fail
    write_papers(folder, later, signer=SIGNER, now=NOW, known=known)
    part.write_bytes(kept)
    assert check_papers(folder, later).revision == 2
    # Whatever else is said to be known is read.
    (folder / "members" / "tags.parquet").write_bytes(b"others")
    write_papers(folder, later, signer=SIGNER, now=NOW, known=known)
    assert check_papers(folder, later).revision == 2


def test_a_certificate_of_another_release_does_not_pass(
    release: tuple[Path, Described], tmp_path: Path
) -> None:
    folder, found = release
    other = replace(found, index=found.index + 1, says=found.says, created_at=found.index + 1)
    elsewhere = tmp_path / "other"
    shutil.copytree(folder, elsewhere, ignore=shutil.ignore_patterns("other"))
    write_papers(elsewhere, other, signer=SIGNER, now=NOW)
    shutil.copy(elsewhere / "certificate.json", folder / "certificate.json")
    with pytest.raises(VerificationError) as caught:
        check_papers(folder, found)
    assert caught.value.code == "release/papers"


def test_what_is_told_of_the_making_is_the_same_in_every_revision(
    release: tuple[Path, Described],
) -> None:
    folder, found = release
    before = (folder / "card.md").read_text()
    later = less(folder, found)
    write_papers(folder, later, signer=SIGNER, now=NOW)
    after = (folder / "card.md").read_text()
    assert "revision 2" in after.splitlines()[0]

    def tables(text: str) -> list[str]:
        return [line for line in text.splitlines() if line.startswith("|")]

    assert tables(after) == tables(before)


@pytest.mark.parametrize(
    ("rows", "says"), [(14, "**Records:** 14"), (27, "few were taken back")]
)
def test_how_many_were_taken_back_is_not_told_where_they_are_few(
    release: tuple[Path, Described], rows: int, says: str
) -> None:
    folder, found = release
    later = revised(found, replace(found.content, rows=rows))
    (folder / "release.json").write_bytes(later.to_bytes())
    write_papers(folder, later, signer=SIGNER, now=NOW)
    assert says in (folder / "card.md").read_text()
    assert "27" not in (folder / "card.md").read_text().replace("2027", "")


def test_a_manifest_that_the_log_does_not_speak_of_is_none(
    release: tuple[Path, Described],
) -> None:
    folder, found = release
    (folder / MANIFEST).write_bytes(b"")
    with pytest.raises(VerificationError, match="what the log speaks of"):
        write_papers(folder, found, signer=SIGNER, now=NOW)


def test_how_it_was_made_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = making()
    write_making(tmp_path, made)
    assert read_making(tmp_path) == made


@pytest.mark.parametrize(
    "change",
    [
        {"at": "now"},
        {"inputs": ["AB"]},
        {"figures": None},
        {"role": 7},
        {"performed": "pseudonymise"},
        {"terms": {}},
        {"clock": None},
        {"more": 1},
    ],
)
def test_nothing_else_passes_for_how_it_was_made(change: dict[str, object]) -> None:
    data = json.dumps(making().to_json() | change, indent=2, sort_keys=True).encode() + b"\n"
    with pytest.raises(VerificationError) as caught:
        Making.parse(data)
    assert caught.value.code == "release/card"


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b"7", b'{"figures": NaN}'])
def test_no_other_bytes_pass_either(data: bytes) -> None:
    with pytest.raises(VerificationError):
        Making.parse(data)


def test_a_hidden_number_is_in_no_paper(tmp_path: Path) -> None:
    """Two makings that show the same have the same papers, whatever they hide (REL-43)."""
    one_more = [
        ("post", ("opted-out",), "US", 39),
        ("post", ("minor", "opted-out"), "US", 1),
        *SOME[1:],
    ]
    pages = []
    for number, refused in enumerate((SOME, one_more)):
        summary = summary_of({"post": 20, "comment": 8}, refused)
        assert summary.reasons["minor"] == 2 + number
        folder = tmp_path / str(number)
        found = put_release(folder, making(summary))
        write_papers(folder, found, signer=SIGNER, now=NOW)
        pages.append({name: (folder / name).read_bytes() for name in (*PAPERS, "card.json")})
    assert pages[0] == pages[1]


def test_numbers_are_read_as_they_were_written() -> None:
    found = figures_of(summary_of({"post": 20}, SOME))
    assert Figures.parse(found.to_json()) == found
    small = found.to_json() | {"permitted": 3}
    with pytest.raises(VerificationError):
        Figures.parse(small)
