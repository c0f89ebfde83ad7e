# SPDX-License-Identifier: Apache-2.0
"""Obligations that clearing performs: `pseudonymise` and `drop-quotes` (specs/decision.md part 6).

An obligation of any permitted record is performed on all of them, so that the set has one schema. One that
cannot be performed here refuses the run: nobody may promise it for later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from privity.errors import InputError
from privity.release.decided import COLUMNS

PSEUDONYMISE: Final = "pseudonymise"
DROP_QUOTES: Final = "drop-quotes"
PERFORMED: Final = frozenset((PSEUDONYMISE, DROP_QUOTES))
_KEY_BYTES: Final = 32
_DIGEST_BYTES: Final = 16
_QUOTED_LINE: Final = r"(?m)^[ \t]*>.*(?:\n|\z)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Performance:
    """What is done to the permitted rows.

    Attributes:
        names: The obligations performed.
        key: For pseudonyms: the recipient's own key, 32 bytes; empty if none are made.
        text: For quotes: the columns of text to cut them from.
    """

    names: frozenset[str]
    key: bytes = b""
    text: tuple[str, ...] = ()

    def schema(self, schema: pa.Schema) -> pa.Schema:
        """Give the schema of what is written."""
        if PSEUDONYMISE in self.names:
            schema = _with_type(schema, "author", pa.string())
            schema = _with_type(schema, "recipients", pa.list_(pa.string()))
        return schema

    def change(self, table: pa.Table) -> pa.Table:
        """Perform them on permitted rows.

        Raises:
            InputError: A row quotes, and its text does not mark what.
        """
        if DROP_QUOTES in self.names:
            table = self._without_quotes(table)
        if PSEUDONYMISE in self.names:
            table = self._pseudonymous(table)
        return table

    def _pseudonymous(self, table: pa.Table) -> pa.Table:
        authors = pa.chunked_array(
            [self._pseudonyms(one) for one in table["author"].chunks], pa.string()
        )
        lists = []
        for one in table["recipients"].chunks:
            flat = self._pseudonyms(one.flatten())
            lengths = pc.fill_null(pc.list_value_length(one), 0)
            offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths)])
            lists.append(pa.ListArray.from_arrays(offsets, flat))
        recipients = pa.chunked_array(lists, pa.list_(pa.string()))
        schema = self.schema(table.schema)
        columns = {"author": authors, "recipients": recipients}
        return pa.table(
            [columns.get(name, table[name]) for name in schema.names], schema=schema
        )

    def _pseudonyms(self, members: pa.Array) -> pa.Array:
        encoded = members.dictionary_encode()
        made = pa.array(
            [pseudonym(self.key, one) for one in encoded.dictionary.to_pylist()], pa.string()
        )
        return made.take(encoded.indices)

    def _without_quotes(self, table: pa.Table) -> pa.Table:
        quoting = pc.greater(pc.fill_null(pc.list_value_length(table["quotes"]), 0), 0)
        marked = None
        for name in self.text:
            cut = pc.replace_substring_regex(table[name], _QUOTED_LINE, "")
            changed = pc.fill_null(pc.not_equal(cut, table[name]), fill_value=False)
            marked = changed if marked is None else pc.or_(marked, changed)
            table = table.set_column(
                table.schema.get_field_index(name), table.schema.field(name), cut
            )
        unmarked = quoting if marked is None else pc.and_(quoting, pc.invert(marked))
        if pc.any(unmarked).as_py():
            first = table.filter(unmarked)["record_id"][0].as_py()
            raise InputError(
                f"record `{first}` quotes, and no line of its text is marked with `>`, expected every "
                "quotation to be marked where `drop-quotes` has to cut it",
                code="clear/unmarked-quote",
                hint="name the columns of text with `--text`, or forbid such categories in the policy",
            )
        quotes = table.schema.field("quotes")
        empty = pa.array([[]] * table.num_rows, quotes.type)
        return table.set_column(table.schema.get_field_index("quotes"), quotes, empty)


def performance(
    obligations: Iterable[str], schema: pa.Schema, *, key: bytes, text: tuple[str, ...]
) -> Performance:
    """Prepare to perform obligations.

    Args:
        obligations: What the permitted records carry.
        schema: The schema of the records.
        key: The recipient's key (`recipient_key`), or empty.
        text: The columns of text that quotes are cut from.

    Raises:
        InputError: One cannot be performed here, or what it needs is missing.
    """
    names = frozenset(obligations)
    for name in sorted(names - PERFORMED):
        raise InputError(
            f"the permitted records carry the obligation `{name}`, expected only "
            f"{' and '.join(f'`{one}`' for one in sorted(PERFORMED))}, which clearing performs",
            code="clear/obligation",
            hint="decide for another recipient, or perform it upstream and change the policy",
        )
    if PSEUDONYMISE in names and not key:
        raise InputError(
            "the permitted records carry the obligation `pseudonymise`, expected a key for it",
            code="clear/no-key",
            hint="give `--pseudonym-key FILE`; a file that does not exist is made",
        )
    if DROP_QUOTES in names:
        check_text(schema, text)
        passing = [
            one.name
            for one in schema
            if one.name not in COLUMNS
            and (pa.types.is_string(one.type) or pa.types.is_large_string(one.type))
        ]
        if passing and not text:
            raise InputError(
                "the permitted records carry the obligation `drop-quotes`, expected the columns of text that quotations "
                f"are cut from: some of {', '.join(f'`{one}`' for one in passing)}",
                code="clear/no-text",
                hint="name them with `--text`",
            )
    return Performance(names=names, key=key, text=text)


def check_text(schema: pa.Schema, names: Iterable[str]) -> None:
    """Look that columns are of text.

    Raises:
        InputError: One is not there, or holds something else.
    """
    for name in names:
        if name not in schema.names or not pa.types.is_string(schema.field(name).type):
            raise InputError(
                f"`{name}` is no column of text, expected one to cut quotes from or to compare",
                code="clear/text-column",
            )


def recipient_key(secret: bytes, recipient: str) -> bytes:
    """Give a recipient's own key, so that two recipients cannot join what they got.

    Raises:
        InputError: The secret is shorter than 32 bytes.
    """
    if len(secret) < _KEY_BYTES:
        raise InputError(
            f"the key has {len(secret)} bytes, expected at least {_KEY_BYTES}",
            code="clear/short-key",
        )
    person = hashlib.blake2b(recipient.encode(), digest_size=16).digest()
    return hashlib.blake2b(b"privity pseudonym", key=secret[:64], person=person).digest()[
        :_KEY_BYTES
    ]


def pseudonym(key: bytes, member: str | int | None) -> str | None:
    """Give a member's pseudonym under a key: 32 hexadecimal digits; nobody stays nobody."""
    if member is None:
        return None
    kind = b"i" if isinstance(member, int) else b"s"
    return hashlib.blake2b(
        kind + str(member).encode(), key=key, digest_size=_DIGEST_BYTES
    ).hexdigest()


def _with_type(schema: pa.Schema, name: str, kind: pa.DataType) -> pa.Schema:
    return schema.set(schema.get_field_index(name), pa.field(name, kind))
