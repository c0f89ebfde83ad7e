# SPDX-License-Identifier: Apache-2.0
"""The search for copies and what clearing makes of it, held to the plain rule (REL-130 to REL-143)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, Final, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.corpora import put_records, split
from tests.property.comparison import as_rows, compiled, plainly

from privity.decide.kernel.texts import MOST_FOLDED
from privity.decide.request import Record, Request
from privity.policy.model import Answer
from privity.release import copies
from privity.release.clear import clear, staged
from privity.release.copies import Wanted, search
from privity.release.decided import Chunk, Decided
from privity.release.found import Found
from privity.release.job import Job
from privity.release.late import Late
from privity.release.summary import Copied, cells_of, without
from privity.release.texts import fold, has_passage, is_copy
from privity.sources.native import open_records
from privity.testing.plain import AT, POST, fact, policy, register, said, told
from privity.testing.worlds import to_arrow

ASKED: Final = Request(purpose="genai-training", recipient="self", at=AT, known=AT)
COPY: Final = "copy-of-refused"
PIECES: Final = (
    *("alpha", "Beta", "γάμμα", "ДЕЛЬТА", "漢字", "한국어", "é", "e\u0301", "ﬁn", "x\u200by", "1234", "don't"),
    *("--", "> q", "\n", "\n> ", "\n-- \n", "\r\n--\r\n", "\u0391\u0399\u0345", "ﷺ", "Ⅳ", "🙂", "\u202e", "ab ab ab ab"),
)  # fmt: skip


def quiet(stage: str, rows: int) -> None:
    del stage, rows


def made_text(random: Random, least: int, most: int) -> str:
    return " ".join(random.choice(PIECES) for _ in range(random.randint(least, most)))


def varied(random: Random, text: str) -> str:
    """Paste a text somewhere, or a part of it."""
    cut = random.randint(0, len(text) // 3)
    return random.choice(
        [
            text,
            text.upper(),
            text[cut:],
            text[: len(text) - cut],
            text.replace(" ", "\n> "),
            f"{made_text(random, 0, 9)} {text} {made_text(random, 0, 9)}",
            f"{text}\n--\n{made_text(random, 1, 3)}",
            f"{text} {text}",
            text.replace("a", "a\u200d").replace(" ", "\u00a0\t"),
        ]
    )


# The search


@dataclass
class Lines:
    """Texts as a file of one column."""

    texts: Sequence[str | None]
    name: str = "lines"
    chunks: int = 1

    @property
    def rows(self) -> int:
        return len(self.texts)

    def read(self, chunk: int, columns: Sequence[str]) -> pa.Table:
        assert (chunk, list(columns)) == (0, ["body"])
        return pa.table({"body": pa.array(self.texts, pa.string())})


def searched(
    private: Sequence[str | None],
    public: Sequence[str | None],
    passages: Answer | None,
    seed: int = 1,
) -> Found:
    """Search texts: the private ones are the first rows."""
    file = Lines([*private, *public])
    slots = np.repeat(np.array([0, 1], np.uint8), [len(private), len(public)])
    chunk = Chunk(cast("Any", file), 0, 0, file.rows)
    decided = Run((chunk,), slots)
    wanted = Wanted(
        text=("body",),
        private=np.array([True, False]),
        whole="refuse",
        passages=passages,
        seed=seed,
    )
    return search(cast("Decided", decided), wanted, 2, quiet)


@dataclass
class Run:
    """A run of which only the second slot is permitted."""

    chunks: tuple[Chunk, ...]
    slots: np.ndarray

    def permitted(self, chunk: Chunk) -> np.ndarray:
        del chunk
        permitted: np.ndarray = self.slots == 1
        return permitted


def rows_of(found: Found, row: int, *, refusing: bool) -> set[int]:
    return set(found.copies(np.array([row]), refusing=refusing).tolist())


@pytest.mark.parametrize("seed", range(60))
def test_the_search_finds_what_the_plain_rule_finds(seed: int) -> None:
    """REL-132 to REL-136, REL-141: whatever the keys."""
    random = Random(seed)
    private = [made_text(random, 0, 70) for _ in range(6)]
    public = [
        varied(random, random.choice(private))
        if random.random() < 0.7
        else made_text(random, 0, 90)
        for _ in range(14)
    ]
    for passages in (None, "refuse"):
        found = searched(private, public, passages, seed)
        for row, text in enumerate(private):
            expected = {
                len(private) + place
                for place, other in enumerate(public)
                if is_copy(other, text) or (passages is not None and has_passage(other, text))
            }
            assert rows_of(found, row, refusing=True) == expected


def test_the_made_texts_have_copies_of_every_kind() -> None:
    """The comparison above would prove little otherwise."""
    seen: Counter[str] = Counter()
    for seed in range(60):
        random = Random(seed)
        text = made_text(random, 20, 70)
        other = varied(random, text)
        whole, passage = is_copy(other, text), has_passage(other, text)
        seen["whole" if whole else "passage" if passage else "none"] += 1
    assert min(seen[kind] for kind in ("whole", "passage", "none")) >= 3


def test_whole_texts_and_passages_are_answered_apart() -> None:
    """REL-136 to REL-138: a passage may be reported where a whole text is refused."""
    text = " ".join(f"word{number} said once" for number in range(40))
    part = text[120:420]
    found = searched([text], [f"> {text}", part, "nothing"], "report")
    assert rows_of(found, 0, refusing=True) == {1}
    assert rows_of(found, 0, refusing=False) == {1, 2}
    assert found.private.tolist() == [0]


def test_nothing_is_found_in_nothing() -> None:
    """REL-134: no body, an empty one, one without letters, and no private record at all."""
    long = "a text that is long enough for being looked for, surely it is"
    empty = [None, "", " \n", "🙂" * 500, "\u202e\u200b" * 500]
    for private, public in ((empty, [*empty, long]), ([long], empty), ([], [long])):
        found = searched(private, public, "refuse")
        for row in range(len(private)):
            assert not rows_of(found, row, refusing=True)


def test_a_body_of_a_megabyte_is_searched_and_looked_for() -> None:
    """REL-135: at its end, in itself, and a near miss in text that repeats itself."""
    random = Random(3)
    large = " ".join(str(random.random()) for _ in range(60_000))
    assert len(large) > 1 << 20
    small = large[-400:]
    repeated = "ab" * 500_000
    private = [large, small, f"{repeated}c", "ab" * 400_000]
    found = searched(private, [f"before {large} after", large[1:], repeated], None)
    assert [rows_of(found, row, refusing=True) for row in range(4)] == [{4}, {4, 5}, set(), {6}]


def test_letters_in_the_kernel_are_those_of_the_plain_rule() -> None:
    """REL-132: for every character that there is."""
    folding = copies.folding()
    for code in (*range(0xD800), *range(0xE000, 0x110000, 7)):
        got = int(folding.code[code])
        if got < 0:
            held = int(folding.pool[-got])
            letters = "".join(map(chr, folding.pool[-got + 1 : -got + 1 + held].tolist()))
        else:
            letters = chr(got) if got else ""
        assert letters == fold(chr(code)), hex(code)
        assert len(letters) <= MOST_FOLDED * len(chr(code).encode())


# The run


def facts(noes: Sequence[str] = ()) -> list[Mapping[str, Any]]:
    made = register()
    for number in range(12):
        member = f"m{number}"
        made += told(member)
        if number % 4:
            made.append(said("2024-10-01", member=member, scope="all"))
    return as_rows([*made, *(fact("objection", "2025-05-01", member=one) for one in noes)])


def records(random: Random, count: int = 60) -> list[Record]:
    made = []
    for number in range(count):
        category = random.choice(
            ["inmail", "direct-message", "message", "nonsense", "post", "comment", "post"]
        )
        author, other = (f"m{random.randrange(12)}" for _ in range(2))
        made.append(
            replace(
                POST,
                record_id=f"r{number}",
                category=category,
                author=author,
                recipients=() if category in {"post", "comment"} else (other,),
                quotes=(f"r{random.randrange(count)}",) if random.random() < 0.15 else (),
            )
        )  # fmt: skip
    return made


def texts(random: Random, count: int = 60) -> tuple[list[str | None], list[str | None]]:
    bodies: list[str | None] = []
    for _ in range(count):
        known = [one for one in bodies if one]
        again = known and random.random() < 0.6
        bodies.append(
            varied(random, random.choice(known)) if again else made_text(random, 0, 40)
        )
    titles = [random.choice([None, "", random.choice(bodies), "a title"]) for _ in range(count)]
    return bodies, titles


def plain_copies(
    decided: Mapping[Any, tuple[str, ...]],
    made: Sequence[Record],
    columns: Sequence[Sequence[str | None]],
    rule: Mapping[str, str],
) -> tuple[dict[Any, set[str]], int]:
    """Say the rule as it is written: the reasons of each record, and how many copies are reported."""
    reasons = {one: set(found) for one, found in decided.items()}
    told_of: dict[Any, set[str]] = {
        one.record_id: {text or "" for text in row}
        for one, row in zip(made, zip(*columns, strict=True), strict=True)
    }
    private = [one.record_id for one in made if one.category not in {"post", "comment"}]

    def copied(answer: str) -> set[Any]:
        asks = [
            ask
            for key, ask in (("private-message", is_copy), ("passages", has_passage))
            if rule.get(key) == answer
        ]
        wanted = {text for one in private if reasons[one] for text in told_of[one]}
        return {
            one
            for one, found in reasons.items()
            if not found
            and any(
                ask(text, other) for ask in asks for text in told_of[one] for other in wanted
            )
        }

    while more := copied("refuse"):
        for copy in more:
            reasons[copy].add(COPY)
        changed = True
        while changed:  # [DEC-3]: to any depth and in rings
            changed = False
            for one in made:
                for quoted in one.quotes:
                    if COPY in reasons.get(quoted, ()) and COPY not in reasons[one.record_id]:
                        reasons[one.record_id].add(COPY)
                        changed = True
    return reasons, len(copied("report"))


def cleared(folder: Path) -> set[str]:
    tables = [pq.read_table(path, columns=["record_id"]) for path in folder.glob("*.parquet")]
    return {row for table in tables for row in table["record_id"].to_pylist()}


def put(folder: Path, random: Random) -> tuple[list[Record], list[Any], list[Path]]:
    made, columns = records(random), texts(random)
    table = to_arrow(made)
    for name, column in zip(("body", "title"), columns, strict=True):
        table = table.append_column(name, pa.array(column, pa.string()))
    paths = []
    for number, part in enumerate(split(table, 2)):
        paths.append(folder / f"records-{number}.parquet")
        put_records(paths[-1], part, row_group=13)
    return made, list(columns), paths


RULES: Final = (
    {"private-message": "refuse"},
    {"private-message": "report"},
    {"private-message": "refuse", "passages": "report"},
    {"private-message": "report", "passages": "refuse"},
    {"private-message": "refuse", "passages": "refuse"},
)


@pytest.mark.parametrize("seed", range(20))
def test_a_run_refuses_what_the_plain_rule_refuses(tmp_path: Path, seed: int) -> None:
    """REL-130, REL-131, REL-135, REL-137 to REL-139, REL-143: with those that quote copies, and copies of these."""
    random = Random(seed)
    made, columns, paths = put(tmp_path, random)
    rule = RULES[seed % len(RULES)]
    versions = [policy(obligations=[], copies=rule)]
    own = {one.record_id: one.reasons for one in plainly(versions, facts(), made, ASKED)}
    reasons, reported = plain_copies(own, made, columns, rule)
    job = Job(
        out=tmp_path / "out", threads=2, seed=random.getrandbits(64), refused=True, text=("body", "title")
    )  # fmt: skip
    found = clear(compiled(versions, facts(), ASKED), open_records(paths), job, quiet)
    assert cleared(found.out / "data") == {one for one, some in reasons.items() if not some}
    named = pq.read_table(found.out / "refused.parquet").to_pylist()
    assert {row["record_id"]: set(row["reasons"]) for row in named} == {
        one: some for one, some in reasons.items() if some
    }
    assert found.summary.copies is not None
    assert found.summary.copies.reported == reported
    assert found.manifest["counts"]["copies"] == {
        "refused": found.summary.copies.refused,
        "reported": reported,
    }
    cells = [cell for cell in found.summary.cells if cell.reason == COPY]
    refused = sum(cell.records for cell in cells if cell.jurisdiction == "(record)")
    assert refused == found.summary.copies.refused
    assert sum(cell.records for cell in cells) == found.summary.reasons.get(COPY, 0)


@pytest.mark.parametrize("seed", range(20))
def test_what_is_refused_late_takes_its_copies_with_it(tmp_path: Path, seed: int) -> None:
    """REL-142: what stays is what nobody refuses by the facts of the end, and no copy of what is refused then."""
    random = Random(seed)
    made, columns, paths = put(tmp_path, random)
    rule = RULES[seed % len(RULES)]
    versions = [policy(obligations=[], copies=rule)]
    noes = [f"m{number}" for number in random.sample(range(12), 3)]
    old, new = (compiled(versions, facts(some), ASKED) for some in ((), noes))
    # What is refused at first stays refused, and has its own reasons.
    before = {one.record_id: one.reasons for one in plainly(versions, facts(), made, ASKED)}
    first, _ = plain_copies(before, made, columns, rule)
    after = {one.record_id: one.reasons for one in plainly(versions, facts(noes), made, ASKED)}
    joined = {one: tuple(first[one] | set(after[one])) for one in after}
    last, reported = plain_copies(joined, made, columns, rule)
    job = Job(out=tmp_path / "out", threads=2, seed=5, text=("body", "title"))
    with staged(old, open_records(paths), job, quiet) as stage:
        late = Late(stage.decided, seed=7)
        tally = new.empty_tally()
        late.reconsider(noes, lambda table: new.decide(table, tally))
        summary = without(
            stage.summary, stage.decided, late, cells_of(tally, new.states.places)
        )
        ids = set(late.ids().to_pylist())
    assert cleared(tmp_path / "out" / "data") - ids == {
        one for one, some in last.items() if not some
    }
    assert summary.permitted == sum(not some for some in last.values())
    assert isinstance(summary.copies, Copied)
    assert summary.copies.reported == reported
    cells = [cell for cell in summary.cells if cell.reason == COPY]
    assert sum(cell.records for cell in cells) == summary.reasons.get(COPY, 0)
    refused = sum(cell.records for cell in cells if cell.jurisdiction == "(record)")
    assert refused == summary.copies.refused
