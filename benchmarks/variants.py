# SPDX-License-Identifier: Apache-2.0
"""Which copies of real texts are found, and what is found that is none.

Some posts of two mailing lists are made private messages that nobody permitted. Of each, variants are made that a member
could have published, and all other posts are published as they are. The search of `privity.clear` says which records are
copies. No text is shown. The posts are not ours to publish: they are read from a file.
"""

from __future__ import annotations

import os
import random
import re
import tempfile
import textwrap
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.report import table
from privity.app import api
from privity.canonical.instants import format_instant
from privity.release.clear import staged
from privity.release.found import Found
from privity.release.job import Job
from privity.release.texts import LEAST, fold, is_quoted, needles
from privity.sources.native import open_records
from privity.testing.plain import AT, policy, register, said, told

ROOT: Final = Path(__file__).resolve().parents[1]
POSTS: Final = (
    Path(os.environ.get("PRIVITY_MAIL_DATA", ROOT.parent / "shared" / "data"))
    / "list_posts.parquet"
)
PRIVATE: Final = 2_000
SEED: Final = 1

Texts = Sequence[str]
Ints = npt.NDArray[np.int64]


def _same(text: str, others: Texts) -> str:
    del others
    return text


def _wrapped(text: str, width: int, mark: str = "") -> str:
    return "\n".join(
        mark + line for part in text.split("\n\n") for line in [*textwrap.wrap(part, width), ""]
    )


def _trimmed(text: str, others: Texts) -> str:
    """Leave out the signature, and blanks at every end."""
    del others
    lines = re.split(r"(?m)^--[ \t\r]*$", text)[0].strip().split("\n")
    return "\n".join(line.strip() for line in lines if line.strip())


def _own(text: str, others: Texts) -> str:
    del others
    return "\n".join(line for line in text.split("\n") if not is_quoted(line))


def _embedded(text: str, others: Texts) -> str:
    return f"{others[0]}\n\n{text}\n\n{others[1]}"


def _disguised(text: str, others: Texts) -> str:
    """Write it in capitals, decomposed, with characters that nobody sees."""
    del others
    decomposed = unicodedata.normalize("NFD", text.upper())
    return "\u2060".join(decomposed[at : at + 5] for at in range(0, len(decomposed), 5))


def _changed(text: str, others: Texts) -> str:
    """Change one word in the middle of its own words."""
    del others
    lines = [line for line in text.split("\n") if not is_quoted(line)]
    words = "\n".join(lines).split(" ")
    words[len(words) // 2] += "xyz"
    return " ".join(words)


def _part(text: str, first: float, last: float) -> str:
    return text[int(len(text) * first) : int(len(text) * last)]


VARIANTS: Final[Mapping[str, Callable[[str, Texts], str]]] = {
    "the same": _same,
    "trimmed: no signature, no blanks at ends": _trimmed,
    "re-wrapped at 50 columns": lambda text, _: _wrapped(text, 50),
    "quoted with >": lambda text, _: textwrap.indent(text, "> ", lambda _: True),
    "re-wrapped, then quoted with >>": lambda text, _: _wrapped(text, 60, ">> "),
    "embedded between two other posts": _embedded,
    "quoted and embedded": lambda text, others: _embedded(_wrapped(text, 72, "> "), others),
    "capitals, decomposed, invisible characters": _disguised,
    "with a signature added": lambda text, _: f"{text}\n-- \nSomebody Else\nSomewhere 1",
    "its own words, without what it quotes": _own,
    "first half of its own words": lambda text, others: _part(_own(text, others), 0, 0.5),
    "middle third of its own words": lambda text, others: _part(_own(text, others), 0.33, 0.67),
    "near: a word of its own changed": _changed,
}
"""What somebody may make of a private text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Posts:
    """Posts of which some are private, with variants of these behind them."""

    posts: pa.Table
    private: Ints
    variants: Mapping[str, Ints]
    short: Mapping[str, int]
    path: Path


def measure(posts: Path, private: int = PRIVATE) -> dict[str, Any]:
    """Look for copies of whole texts, then also of passages.

    Args:
        posts: A file of posts.
        private: How many of them are private.
    """
    with tempfile.TemporaryDirectory() as folder:
        made = _put(pq.read_table(posts), private, Path(folder))
        whole = _found(made, Path(folder) / "whole", {"private-message": "refuse"})
        both = _found(
            made, Path(folder) / "both", {"private-message": "refuse", "passages": "report"}
        )
    rows = []
    for name, at in made.variants.items():
        hits = [_hits(found, made.private, at, kinds) for found, kinds in
                ((whole, (True,)), (both, (True, False)))]  # fmt: skip
        rows.append(
            {
                "variant": name,
                "made": len(at),
                "short": made.short[name],
                "whole": hits[0],
                "passages": hits[1],
            }
        )
    return {
        "private": len(made.private),
        "variants": rows,
        "others": [
            {"looked_for": "whole texts", **_others(made, whole, refusing=True)},
            {"looked_for": "passages", **_others(made, both, refusing=False)},
        ],
    }


def text(result: Mapping[str, Any]) -> str:
    """Lay the figures out."""
    rows = [
        {**row, **{name: f"{row[name] / row['made']:.1%}" for name in ("whole", "passages")}}
        for row in result["variants"]
    ]
    variants = table(rows, ("variant", "made", "short", "whole", "passages"))
    return f"{variants}\n\n{table(result['others'], tuple(result['others'][0]))}"


def _put(posts: pa.Table, count: int, folder: Path) -> _Posts:
    chance = random.Random(SEED)
    bodies = posts["body"].to_pylist()
    fit = [row for row, body in enumerate(bodies) if needles(body)]
    private = sorted(chance.sample(fit, count))
    public = sorted(set(range(len(bodies))) - set(private))
    rows: list[tuple[str, str]] = [(f"p{row}", body) for row, body in enumerate(bodies)]
    variants = {}
    for name, make in VARIANTS.items():
        variants[name] = np.arange(len(rows), len(rows) + len(private))
        for row in private:
            others = [bodies[one] for one in chance.sample(public, 2)]
            rows.append((f"{name} {row}", make(bodies[row], others)))
    short = {
        name: sum(len(fold(rows[row][1])) < LEAST for row in at.tolist())
        for name, at in variants.items()
    }
    is_private = np.zeros(len(rows), np.bool_)
    is_private[private] = True
    path = folder / "records.parquet"
    _write(path, rows, is_private)
    return _Posts(
        posts=posts,
        private=np.array(private, np.int64),
        variants=variants,
        short=short,
        path=path,
    )


def _write(
    path: Path, rows: Sequence[tuple[str, str]], is_private: npt.NDArray[np.bool_]
) -> None:
    """Write records: private ones to somebody whom nobody knows, so that they are refused."""
    made = pa.table(
        {
            "record_id": pa.array([name for name, _ in rows]),
            "category": pa.array(np.where(is_private, "inmail", "post").tolist()),
            "created_at": pa.array([AT - 1] * len(rows), pa.timestamp("s", "UTC")),
            "author": pa.array(["a"] * len(rows)),
            "recipients": pa.array(
                [["stranger"] if one else [] for one in is_private], pa.list_(pa.string())
            ),
            "quotes": pa.array([[]] * len(rows), pa.list_(pa.string())),
            "body": pa.array([body for _, body in rows]),
        }
    )
    pq.write_table(made, path, row_group_size=1 << 14)


def _found(made: _Posts, out: Path, rule: Mapping[str, str]) -> Found:
    """Search as a clearing does."""
    facts = [
        {
            "member": one.member,
            "fact": one.fact,
            "value": one.value,
            "at": format_instant(one.at),
            "recorded_at": format_instant(one.recorded_at),
            "detail": dict(one.detail),
        }
        for one in (*register(), *told("a"), said("2024-12-01", member="a", scope="all"))
    ]
    ready = api.compiled(
        policy=policy(obligations=[], copies=dict(rule)),
        facts=facts,
        purpose="genai-training",
        recipient="self",
        at=AT,
    )
    job = Job(out=out, seed=SEED, text=("body",))
    with staged(ready, open_records([made.path]), job, lambda _stage, _rows: None) as stage:
        copies = stage.decided.copies
    if copies is None:
        message = "no copies were looked for"
        raise ValueError(message)
    return copies.found


def _hits(found: Found, private: Ints, variants: Ints, kinds: Sequence[bool]) -> int:
    """Count the variants that are found as copies of what they were made of."""
    return sum(
        any(variant in found.copies(np.array([row]), refusing=one) for one in kinds)
        for row, variant in zip(private, variants, strict=True)
    )


def _others(made: _Posts, found: Found, *, refusing: bool) -> dict[str, int]:
    """Count the posts found, by what they have to do with the private ones they are copies of."""
    posts = made.posts
    thread = _threads(posts)
    subjects = [
        re.sub(r"^((re|fwd?|aw)\s*:\s*|\[[^]]*\]\s*)+", "", one.lower()).strip()
        for one in posts["subject"].to_pylist()
    ]
    authors = posts["author"].to_pylist()
    related: dict[int, str] = {}
    order = ("same thread", "same subject", "same author", "unrelated")
    for row in made.private.tolist():
        for other in found.copies(np.array([row]), refusing=refusing).tolist():
            if other >= posts.num_rows:
                continue
            alike = [
                thread[other] == thread[row],
                subjects[other] == subjects[row],
                authors[other] == authors[row],
                True,
            ]
            kind = order[alike.index(True)]
            related[other] = min(related.get(other, kind), kind, key=order.index)
    counts = Counter(related.values())
    return {
        "others": posts.num_rows - len(made.private),
        "found": len(related),
        **{name.replace(" ", "_"): counts[name] for name in order},
    }


def _threads(posts: pa.Table) -> list[int]:
    """Give each post's thread, by what it replies to."""
    rows = {name: row for row, name in enumerate(posts["record_id"].to_pylist())}
    above = list(range(posts.num_rows))

    def top(row: int) -> int:
        while above[row] != row:
            above[row] = above[above[row]]
            row = above[row]
        return row

    for row, quoted in enumerate(posts["quotes"].to_pylist()):
        for name in quoted:
            if name in rows:
                above[top(row)] = top(rows[name])
    return [top(row) for row in range(posts.num_rows)]
