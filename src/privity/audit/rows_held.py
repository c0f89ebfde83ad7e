# SPDX-License-Identifier: Apache-2.0
"""Hold the rows that a release was decided by to what its entry commits to (specs/audit.md, part 1).

Beside a table lie, by tags, whose rows are whose; the entry commits to that ([REL-31]). Rows that are said to have been
decided have the ids, categories and instants of the table, and the parties whose tags are there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final
from urllib.parse import unquote

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.audit.commitment import bare_tag, leaf, stream_tag
from privity.audit.evidence import Rows
from privity.canonical.decode import decode
from privity.canonical.encode import digest, encode
from privity.entries.fields import KEY_SIZE
from privity.entries.release import Content
from privity.errors import VerificationError
from privity.ledger.prefix import Leaf, prefix_root
from privity.members.facts import MemberId, as_number
from privity.vocabulary.terms import CATEGORIES

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Audience = Callable[[Ints], Flags]
"""Tells of instants of making whether the addressees of a group message of then were asked."""

BY_ALL: Final = ("record_id", "category", "created_at")
"""What a table and the rows beside it have alike, whatever obligations were performed on the table."""
BY_MOST: Final = ("capacity", "quotes")
"""What they have alike unless an obligation took it out of the table."""
LOOSE: Final = "capacity and quotes of records"
"""How a gap begins that is about these columns alone."""
WHOSE: Final = "whose the rows"
PARTIES: Final = "parties of records"
"""How gaps begin that are about whose records they are, and nothing else."""

_GROUP: Final = "group-message"
_PAIRS: Final = 1 << 22
"""Pairs of a record and a tag that are held at once."""
_KINDS: Final = frozenset({"add", "commitInfo", "metaData", "protocol", "remove"})
_PROTOCOL: Final = {"minReaderVersion": 1, "minWriterVersion": 2}
_CONFIGURATION: Final = frozenset(
    {"delta.dataSkippingNumIndexedCols", "delta.dataSkippingStatsColumns"}
)
"""What the log of a table says that is read file by file, as the files are ([REL-70])."""


def check_tags(
    secret: bytes, content: Content, tags: pa.Table, parts: Callable[[], Iterator[pa.Table]]
) -> None:
    """Check that tags, and whose rows are whose by them, are those that an entry commits to ([REL-20] to [REL-31]).

    Args:
        secret: The release's 32 bytes.
        content: What its entry says is in it.
        tags: `number` and `tag`, both ascending.
        parts: Gives, as often as it is asked, for each file of the table its rows' `record_id` and `members`, the numbers.

    Raises:
        VerificationError: They are others (`audit/tags`).
    """
    if len(secret) != KEY_SIZE:
        raise _other("the salt of the release is none")
    numbers = tags.column("number").to_numpy().astype(np.int64)
    values = tags.column("tag").to_pylist()
    if (np.diff(numbers) <= 0).any() or values != sorted(set(values)):
        raise _other("the tags beside the table are not in order")
    pairs = sum(len(_flat(part.column("members"))[0]) for part in parts())
    count = 0

    def leaves() -> Iterator[Leaf]:
        nonlocal count
        step = max(1, len(numbers) * _PAIRS // max(pairs, 1))
        for first in range(0, len(numbers), step):
            held = _held(parts(), numbers[first : first + step])
            for place, ids in held:
                count += 1
                yield leaf(secret, values[first + place], ids)

    root = prefix_root(leaves())
    if (root, count) != (content.members_root, content.members):
        raise _other("the tags beside the table have another root than the entry’s")


def _held(parts: Iterator[pa.Table], numbers: Ints) -> Iterator[tuple[int, list[str]]]:
    """Give of some tags, in their order, the ids of the records of each that has any."""
    places: list[Ints] = []
    found: list[pa.Array] = []
    for part in parts:
        rows, flat = _flat(part.column("members"))
        at = np.minimum(np.searchsorted(numbers, flat), len(numbers) - 1)
        mine = numbers[at] == flat
        places.append(at[mine])
        ids = part.column("record_id").cast(pa.string()).combine_chunks()
        found.append(ids.take(pa.array(rows[mine])))
    if not places:
        return
    place = np.concatenate(places)
    order = np.argsort(place, kind="stable")
    ids = pa.concat_arrays(found).take(pa.array(order)).to_pylist()
    place = place[order]
    ends = np.flatnonzero(np.diff(place, append=-1)) + 1
    first = 0
    for end in ends.tolist():
        yield int(place[first]), ids[first:end]
        first = end


def check_alike(rows: Rows, table: pa.Table) -> bool:
    """Check that rows are those of a file of the table.

    Args:
        rows: What is said to have been decided.
        table: The columns of the file that have the same names, in the types of `Rows`.

    Returns:
        Whether capacity and quotes were still in the table; else nothing holds what the rows say of them.

    Raises:
        VerificationError: They are others (`audit/rows-differ`).
    """
    for name in BY_ALL:
        if name not in table.column_names or name not in rows.table.column_names:
            raise _differ(rows, f"have a `{name}`, or the table has, and the other has none")
        if not rows.table.column(name).equals(table.column(name)):
            raise _differ(rows, f"have another `{name}` than the table")
    return all(
        name in table.column_names
        and name in rows.table.column_names
        and rows.table.column(name).equals(table.column(name))
        for name in BY_MOST
    )


class TagNumbers:
    """The numbers of members' tags in a release.

    Args:
        release: Its name.
        secret: Its 32 bytes.
        tags: `number` and `tag`.
        stream_key: Gives the key of a member's stream, by the text of her id; None where there is none.
    """

    def __init__(
        self,
        release: str,
        secret: bytes,
        tags: pa.Table,
        stream_key: Callable[[str], bytes | None],
    ) -> None:
        self._release = release
        self._secret = secret
        self._stream_key = stream_key
        numbers, values = tags.column("number").to_pylist(), tags.column("tag").to_pylist()
        self._numbers: dict[bytes, int] = dict(zip(values, numbers, strict=True))
        self._of: dict[MemberId, int] = {}

    def of(self, members: pa.Array) -> Ints:
        """Give the number of each member's tag; -1 where no key that is here makes one of them."""
        encoded = members.dictionary_encode()
        known = [self._number(one) for one in encoded.dictionary.to_pylist()]
        found: Ints = np.array(known or [-1], np.int64)[
            encoded.indices.to_numpy(zero_copy_only=False)
        ]
        return found

    def _number(self, member: MemberId) -> int:
        if member not in self._of:
            tags = (self._numbers.get(one) for one in self._tags(member))
            self._of[member] = next((one for one in tags if one is not None), -1)
        return self._of[member]

    def _tags(self, member: MemberId) -> Iterator[bytes]:
        if (key := self._stream_key(str(member))) is not None:
            yield stream_tag(key, self._release)
        number = as_number(member)
        for one in (str(member), *(() if number is None else (number,))):
            yield bare_tag(self._secret, one, self._release)


def check_parties(rows: Rows, part: pa.Table, tags: TagNumbers, audience: Audience) -> int:
    """Check that the parties of rows are those whose tags the entry commits to.

    Args:
        rows: What is said to have been decided.
        part: The same rows' `record_id` and `members`, which hold.
        tags: The members' tags.
        audience: When addressees of group messages were asked.

    Returns:
        How many rows have a party whose tag nobody here can make: that it is her, nothing shows.

    Raises:
        VerificationError: They are others (`audit/rows-differ`).
    """
    if (
        not part.column("record_id")
        .cast(rows.table.column("record_id").type)
        .equals(rows.table.column("record_id"))
    ):
        raise _differ(rows, "have other ids than the tags beside the table")
    rows_of, members = _parties(rows, audience)
    numbers = tags.of(members)
    known = numbers >= 0
    mine = _unique(rows_of[known], numbers[known])
    theirs = _unique(*_flat(part.column("members")))
    if not np.isin(_packed(mine), _packed(theirs)).all():
        raise _differ(rows, "have other parties than their tags")
    # Whose tag nobody makes must be as many as are left over.
    count = rows.table.num_rows
    names = members.dictionary_encode().indices.to_numpy(zero_copy_only=False)
    unknown = np.bincount(
        _unique(rows_of[~known], names[~known].astype(np.int64))[0], minlength=count
    )
    left = np.bincount(theirs[0], minlength=count) - np.bincount(mine[0], minlength=count)
    if (left != unknown).any():
        raise _differ(rows, "have other parties than their tags")
    return int((unknown > 0).sum())


def _parties(rows: Rows, audience: Audience) -> tuple[Ints, pa.Array]:
    """Give the parties of rows: for each the row, and her id ([REL-29])."""
    table = rows.table
    kinds = table.column("category").combine_chunks().dictionary_encode()
    names = kinds.dictionary.to_pylist()
    codes = kinds.indices.to_numpy(zero_copy_only=False)
    always = np.array(
        [one != _GROUP and CATEGORIES.overlaps("message", one) for one in names], np.bool_
    )
    group = np.array([one == _GROUP for one in names], np.bool_)
    asked = always[codes]
    if group.any():
        made = pc.fill_null(table.column("created_at"), 0).to_numpy()
        asked |= group[codes] & audience(made)
    authors = table.column("author").combine_chunks()
    lists = table.column("recipients").combine_chunks()
    parents = pc.list_parent_indices(lists).to_numpy().astype(np.int64)
    addressees = pc.list_flatten(lists).filter(pa.array(asked[parents]))
    if authors.null_count or addressees.null_count:
        raise _differ(rows, "have a party that is nobody")
    everyone = np.concatenate(
        [np.arange(table.num_rows, dtype=np.int64), parents[asked[parents]]]
    )
    return everyone, pa.concat_arrays([authors, addressees.cast(authors.type)])


def _flat(lists: pa.ChunkedArray) -> tuple[Ints, Ints]:
    """Give the numbers of lists, and for each the row that it stands in."""
    whole = lists.combine_chunks()
    rows = pc.list_parent_indices(whole).to_numpy().astype(np.int64)
    return rows, pc.list_flatten(whole).to_numpy().astype(np.int64)


def _unique(rows: Ints, numbers: Ints) -> Ints:
    """Give pairs each once, shape (2, pairs)."""
    return np.unique(np.stack([rows, numbers]), axis=1)


def _packed(pairs: Ints) -> Ints:
    packed: Ints = (pairs[0] << 32) | pairs[1]
    return packed


def live_files(commits: Iterable[bytes], columns: str) -> frozenset[str]:
    """Give the files that other tools take for a table's, from the commits of its log in order.

    Args:
        commits: The commits.
        columns: The SHA-256 of the table's columns, as its entry has it.

    Raises:
        ValueError: A commit is none, or says more of how files are read than which there are, or other columns.
        KeyError: Likewise.
    """
    live: set[str] = set()
    for commit in commits:
        actions = [_plain(line, columns) for line in commit.split(b"\n") if line]
        live |= {unquote(one["add"]["path"]) for one in actions if "add" in one}
        live -= {unquote(one["remove"]["path"]) for one in actions if "remove" in one}
    return frozenset(live)


def _plain(line: bytes, columns: str) -> dict[str, Any]:
    """Read an action of a table that other tools read file by file, as the files are."""
    action: dict[str, Any] = decode(line.decode())
    table, added = action.get("metaData", {}), action.get("add", {})
    asked, schema = action.get("protocol", _PROTOCOL), table.get("schemaString")
    if (
        {*action} - _KINDS
        or (table and digest(encode(decode(schema))) != columns)
        or asked != _PROTOCOL
        or table.get("partitionColumns")
        or {*table.get("configuration", {})} - _CONFIGURATION
        or added.get("partitionValues")
        or added.get("deletionVector")
    ):
        raise ValueError
    return action


def _differ(rows: Rows, why: str) -> VerificationError:
    return VerificationError(
        f"the rows beside `{rows.file}` of release `{rows.release}` {why}",
        code="audit/rows-differ",
    )


def _other(message: str) -> VerificationError:
    return VerificationError(message, code="audit/tags")
