# SPDX-License-Identifier: Apache-2.0
"""Obligations in a clearing: performed on the whole set, or the run is refused and leaves nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.conftest import Program
from tests.integration.corpora import KEY, REQUEST, Corpus, put_corpus, split, with_bodies
from tests.property.comparison import as_rows

import privity
from privity.decide.request import Record
from privity.errors import InputError, PrivityError
from privity.members.facts import MemberId
from privity.testing.plain import POST, fact, policy, register, said, told
from privity.testing.worlds import IdKind, to_arrow


def facts(*members: MemberId) -> list[Any]:
    yes = [said("2024-12-01", member=member, scope="all") for member in members]
    return as_rows([*register(), *(one for member in members for one in told(member)), *yes])


def corpus(
    folder: Path,
    records: Sequence[Record],
    *do: str,
    ids: IdKind = "string",
    table: pa.Table | None = None,
    categories: Sequence[str] = ("content",),
) -> Corpus:
    """Write records of which those of some categories carry obligations for third parties."""
    rule = {"recipients": ["third-party"], "categories": list(categories), "do": list(do)}
    found = with_bodies(to_arrow(records, ids)) if table is None else table
    members: tuple[MemberId, ...] = ("a", "b", "c") if ids == "string" else (1, 2, 3)
    return put_corpus(
        folder / "in",
        split(found, 2),
        facts(*members),
        [policy(obligations=[rule] if do else [])],
        request=replace(REQUEST, recipient="lab"),
        row_group=3,
    )


def messages(*authors: MemberId) -> list[Record]:
    """Messages from each to all."""
    return [
        replace(
            POST,
            record_id=f"m{place}",
            category="direct-message",
            author=author,
            recipients=(*authors, author),
        )
        for place, author in enumerate(authors)
    ]


def cleared(out: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pa.concat_tables(
        pq.read_table(path) for path in sorted((out / "data").iterdir())
    ).to_pylist()
    return rows


@pytest.mark.parametrize("ids", ["string", "int"])
def test_members_are_pseudonymous_in_the_whole_set_and_stay_the_same(
    tmp_path: Path, ids: IdKind
) -> None:
    authors: tuple[MemberId, ...] = ("a", "b", "c") if ids == "string" else (1, 2, 3)
    records = messages(*authors)
    if ids == "int":
        records = [replace(one, record_id=place) for place, one in enumerate(records)]
    posts = [replace(POST, record_id=f"p{one}", author=one) for one in authors]
    posts = (
        posts
        if ids == "string"
        else [replace(one, record_id=100 + place) for place, one in enumerate(posts)]
    )
    given = corpus(
        tmp_path, [*records, *posts], "pseudonymise", ids=ids, categories=("message",)
    )
    made = privity.clear(
        given.sources, out=tmp_path / "out", pseudonym_key=KEY, refused=True, **given.asked
    )
    assert made.manifest["obligations"] == ["pseudonymise"]
    rows = cleared(tmp_path / "out")
    names = [row["author"] for row in rows[:3]]
    assert len(set(names)) == 3
    # What one record carries is performed on all: posts are of no category that asks for it.
    assert [row["author"] for row in rows[3:]] == names
    assert [row["recipients"] for row in rows[:3]] == [[*names, one] for one in names]
    assert [row["recipients"] for row in rows[3:]] == [[], [], []]
    assert [row["record_id"] for row in rows] == [one.record_id for one in [*records, *posts]]
    privity.clear(given.sources, out=tmp_path / "again", pseudonym_key=KEY, **given.asked)
    assert cleared(tmp_path / "again") == rows
    other = privity.clear(
        given.sources, out=tmp_path / "other", pseudonym_key=KEY[::-1], **given.asked
    )
    assert other.summary == made.summary
    assert not {row["author"] for row in cleared(tmp_path / "other")} & set(names)


def test_two_recipients_cannot_join_what_they_got(tmp_path: Path) -> None:
    rule = {"recipients": ["third-party", "affiliate"], "do": ["pseudonymise"]}
    table = to_arrow([replace(POST, author="a")])
    given = put_corpus(
        tmp_path / "in", [table], facts("a"), [policy(obligations=[rule])], request=REQUEST
    )
    names = set()
    for recipient in ("lab", "parent"):
        asked = {**given.asked, "recipient": recipient}
        privity.clear(given.sources, out=tmp_path / recipient, pseudonym_key=KEY, **asked)
        names |= {row["author"] for row in cleared(tmp_path / recipient)}
    assert len(names) == 2


def test_a_set_that_carries_nothing_keeps_its_members(tmp_path: Path) -> None:
    given = corpus(tmp_path, messages("a", "b", "c"), "pseudonymise", categories=("post",))
    made = privity.clear(given.sources, out=tmp_path / "out", pseudonym_key=KEY, **given.asked)
    assert made.manifest["obligations"] == []
    assert {row["author"] for row in cleared(tmp_path / "out")} == {"a", "b", "c"}


def test_an_obligation_that_only_refused_records_carry_is_nobodys(tmp_path: Path) -> None:
    records = [replace(POST, author="a"), replace(POST, record_id="c", category="comment")]
    records[1] = replace(records[1], author="ghost")
    given = corpus(tmp_path, records, "expires", categories=("comment",))
    made = privity.clear(given.sources, out=tmp_path / "out", **given.asked)
    assert (made.summary.permitted, made.manifest["obligations"]) == (1, [])


# The file of the key


def test_the_key_is_made_once_and_is_the_owners_alone(program: Program, tmp_path: Path) -> None:
    given = corpus(tmp_path, messages("a", "b", "c"), "pseudonymise")
    key = tmp_path / "pseudonyms.key"
    rows, secret = [], b""
    for name in ("first", "second"):
        done = program(
            *("clear", *given.sources, *given.options, "--out", tmp_path / name),
            *("--pseudonym-key", key),
        )
        assert (done.code, done.err) == (0, "")
        rows.append(cleared(tmp_path / name))
        secret = key.read_bytes()
        assert len(secret) == 32
        assert key.stat().st_mode & 0o777 == 0o600
    assert rows[0] == rows[1]
    assert key.read_bytes() == secret
    manifest = (tmp_path / "second" / "manifest.json").read_bytes()
    assert secret not in manifest
    assert secret.hex().encode() not in manifest


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "the key has 0 bytes"), (b"short", "the key has 5 bytes")],
    ids=["empty", "short"],
)
def test_a_file_that_holds_no_key_is_an_error_and_is_kept(
    tmp_path: Path, content: bytes, says: str
) -> None:
    given = corpus(tmp_path, messages("a", "b", "c"), "pseudonymise")
    key = tmp_path / "pseudonyms.key"
    key.write_bytes(content)
    with pytest.raises(InputError, match=says):
        privity.clear(
            given.sources, out=tmp_path / "set" / "out", pseudonym_key=key, **given.asked
        )
    assert key.read_bytes() == content
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize("place", ["missing/pseudonyms.key", "in"])
def test_a_key_that_can_be_neither_read_nor_made_is_one_line(
    tmp_path: Path, place: str
) -> None:
    given = corpus(tmp_path, messages("a", "b", "c"), "pseudonymise")
    out = tmp_path / "set" / "out"
    with pytest.raises(PrivityError) as caught:
        privity.clear(given.sources, out=out, pseudonym_key=tmp_path / place, **given.asked)
    assert caught.value.exit_code in {2, 5}
    assert place in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "set").exists()


# Quotations


def quoting(table: pa.Table, *bodies: str | None) -> pa.Table:
    place = table.column_names.index("body")
    return table.set_column(place, "body", pa.array(bodies, pa.string()))


def test_quotations_are_cut_and_forgotten(program: Program, tmp_path: Path) -> None:
    records = [
        replace(POST, record_id="1", author="a", quotes=("2",)),
        replace(POST, record_id="2", author="b"),
        replace(POST, record_id="3", author="c", quotes=("1", "2")),
    ]
    table = quoting(
        with_bodies(to_arrow(records)), "mine\n> hers\n", None, "> one\n> two\nmine\n"
    )
    given = corpus(tmp_path, records, "drop-quotes", table=table)
    out = tmp_path / "out"
    done = program(
        *("clear", *given.sources, *given.options, "--out", out, "--text", "body"),
        *("--text", "title", "--json"),
    )
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["obligations"] == ["drop-quotes"]
    rows = cleared(out)
    assert [row["body"] for row in rows] == ["mine\n", None, "mine\n"]
    assert [row["quotes"] for row in rows] == [[], [], []]


def test_nothing_is_called_dropped_that_nobody_looked_for(
    program: Program, tmp_path: Path
) -> None:
    records = [replace(POST, record_id="1", author="a")]
    given = corpus(tmp_path, records, "drop-quotes")
    done = program("clear", *given.sources, *given.options, "--out", tmp_path / "out")
    assert (done.code, done.out) == (2, "")
    assert "some of `body`, `title`" in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", [["body"], ["body", "title"]])
def test_a_quotation_that_is_not_marked_refuses_the_run(
    program: Program, tmp_path: Path, text: list[str]
) -> None:
    records = [
        replace(POST, record_id=f"{row}", author="a", quotes=("0",) if row == 7 else ())
        for row in range(9)
    ]
    given = corpus(tmp_path, records, "drop-quotes")
    out = tmp_path / "set" / "out"
    words = [word for name in text for word in ("--text", name)]
    done = program("clear", *given.sources, *given.options, "--out", out, *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("privity: record `7` quotes, and no line of its text is marked")
    assert not out.parent.exists()


# What is not performed here


@pytest.mark.parametrize("name", ["redact-contact", "expires"])
@pytest.mark.parametrize("others", [[], ["pseudonymise"]])
def test_an_obligation_that_cannot_be_performed_refuses_the_run(
    program: Program, tmp_path: Path, name: str, others: list[str]
) -> None:
    """One record of two hundred carries it, in the last file, and only by what it quotes."""
    records = [replace(POST, record_id=f"{row}", author="a") for row in range(200)]
    records[-1] = replace(records[-1], category="article")
    records[3] = replace(records[3], quotes=("199",))
    given = corpus(tmp_path, records, *others, name, categories=("article",))
    out = tmp_path / "set" / "out"
    done = program(
        *("clear", *given.sources, *given.options, "--out", out),
        *("--pseudonym-key", tmp_path / "key"),
    )
    assert (done.code, done.out) == (2, "")
    first, *rest = done.err.splitlines()
    assert first.startswith(f"privity: the permitted records carry the obligation `{name}`")
    assert len(rest) == 1
    assert not out.parent.exists()


def test_the_run_is_refused_where_a_key_is_wanting(program: Program, tmp_path: Path) -> None:
    given = corpus(tmp_path, messages("a", "b", "c"), "pseudonymise")
    out = tmp_path / "set" / "out"
    done = program("clear", *given.sources, *given.options, "--out", out)
    assert (done.code, done.out) == (2, "")
    assert "expected a key for it" in done.err
    assert not out.parent.exists()


def test_what_stands_against_one_recipient_stands_not_against_another(tmp_path: Path) -> None:
    given = corpus(tmp_path, messages("a", "b", "c"), "expires")
    with pytest.raises(InputError, match="`expires`"):
        privity.clear(given.sources, out=tmp_path / "lab", **given.asked)
    asked = {**given.asked, "recipient": "self"}
    assert privity.clear(given.sources, out=tmp_path / "self", **asked).summary.permitted == 3


def test_a_refused_member_is_in_no_file_of_the_set(tmp_path: Path) -> None:
    """Who closed the account is named in the refused ids at most by the record."""
    members = ("a", "b", "c-secret-name")
    table = with_bodies(to_arrow(messages(*members)[:2]))
    closed = fact("closed", "2025-05-01", member=members[2])
    rows = [*facts(*members), *as_rows([closed])]
    given = put_corpus(tmp_path / "in", [table], rows, [policy(obligations=[])])
    privity.clear(given.sources, out=tmp_path / "out", refused=True, **given.asked)
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file():
            assert members[2].encode() not in path.read_bytes()
