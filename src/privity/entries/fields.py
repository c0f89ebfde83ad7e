# SPDX-License-Identifier: Apache-2.0
"""The checks that all kinds of entries share: of a payload's keys, and of single values (specs/entry.md, part 4).

A value checks itself when it is made, so that nothing can be written that would not be read back. What a
term means, and whether the vocabulary has it, is not asked: an entry is read in ten years too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from privity.canonical.encode import LARGEST_INTEGER
from privity.canonical.instants import FIRST_INSTANT, LAST_INSTANT, Instant
from privity.errors import InputError
from privity.ledger.forms import from_base64, to_base64
from privity.members.facts import MemberId, as_number
from privity.policy.grammar import LONGEST_NAME, NAME, SHA256, URL
from privity.vocabulary.terms import quoted

LONGEST_TEXT: Final = 1000
LONGEST_URL: Final = 1000
KEY_SIZE: Final = 32
"""Bytes of an Ed25519 public key, of a stream's key, of a hash."""

_FIELD: Final = (1 << 255) - 19
# The heights of the eight points whose eightfold is nothing.
_ORDER_EIGHT: Final = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
_SMALL_ORDER: Final = frozenset({0, 1, _FIELD - 1, _ORDER_EIGHT, _FIELD - _ORDER_EIGHT})

_WORD: Final = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*", re.ASCII)
_LONGEST_WORD: Final = 40
_SHORT_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
_INTEGER: Final = "integer"


def wrong(key: str, seen: object, expected: str) -> InputError:
    """Make the error for a value that its key does not take."""
    return InputError(
        f"`{key}` is {quoted(str(seen))}, expected {expected}", code="entry/payload"
    )


def check_name(key: str, value: object) -> None:
    """Check a name: 1 to 200 characters that show, without blanks at the ends.

    Raises:
        InputError: It is none.
    """
    if not (
        isinstance(value, str)
        and len(value) <= LONGEST_NAME
        and value.isprintable()
        and NAME.fullmatch(value)
    ):
        raise wrong(
            key, value, f"1 to {LONGEST_NAME} characters that show, without blanks at the ends"
        )


def check_text(key: str, value: object) -> None:
    """Check a sentence: one line of 1 to 1000 characters that show.

    Raises:
        InputError: It is none.
    """
    if not (isinstance(value, str) and 1 <= len(value) <= LONGEST_TEXT and value.isprintable()):
        raise wrong(key, value, f"one line of 1 to {LONGEST_TEXT} characters that show")


def check_word(key: str, value: object) -> None:
    """Check a word: small letters and digits, with `-` or `_` between, 40 at most.

    Raises:
        InputError: It is none.
    """
    if not (isinstance(value, str) and len(value) <= _LONGEST_WORD and _WORD.fullmatch(value)):
        raise wrong(key, value, "a word of small letters, such as `order-lifted`")


def check_short_name(key: str, value: object) -> None:
    """Check a short name, which is a folder's too: small letters, digits and `-`, 40 at most ([ENT-81]).

    Raises:
        InputError: It is none.
    """
    if not (isinstance(value, str) and _SHORT_NAME.fullmatch(value)):
        raise wrong(key, value, "1 to 40 small letters, digits and `-`, the first no `-`")


def check_choice(key: str, value: object, choices: Collection[str]) -> None:
    """Check that a value is one of a few.

    Raises:
        InputError: It is none of them.
    """
    if not (isinstance(value, str) and value in choices):
        raise wrong(key, value, " or ".join(f"`{one}`" for one in choices))


def check_whole(
    key: str, value: object, *, lowest: int = 0, highest: int = LARGEST_INTEGER
) -> None:
    """Check a whole number; True is none.

    Raises:
        InputError: It is none, or out of range.
    """
    if type(value) is not int or not lowest <= value <= highest:
        raise wrong(key, value, f"a whole number from {lowest} to {highest}")


def check_bool(key: str, value: object) -> None:
    """Check that a value is true or false; 1 and 0 are neither.

    Raises:
        InputError: It is neither.
    """
    if type(value) is not bool:
        raise wrong(key, value, "`true` or `false`")


def check_instant(key: str, value: object) -> None:
    """Check an instant in seconds since 1970, from the year 1 to the year 9999.

    Raises:
        InputError: It is none.
    """
    if type(value) is not int or not FIRST_INSTANT <= value <= LAST_INSTANT:
        raise wrong(key, value, "whole seconds since 1970, between the years 1 and 9999")


def check_sha256(key: str, value: object) -> None:
    """Check a SHA-256 in hexadecimal.

    Raises:
        InputError: It is none.
    """
    if not (isinstance(value, str) and SHA256.fullmatch(value)):
        raise wrong(key, value, "a SHA-256 as 64 hexadecimal digits in lower case")


def check_url(key: str, value: object) -> None:
    """Check an address on the web.

    Raises:
        InputError: It is none.
    """
    if not (isinstance(value, str) and len(value) <= LONGEST_URL and URL.fullmatch(value)):
        raise wrong(key, value, "an address that begins with `https://` or `http://`")


def check_bytes(key: str, value: object, size: int) -> None:
    """Check the number of bytes.

    Raises:
        InputError: They are fewer or more.
    """
    if not (isinstance(value, bytes) and len(value) == size):
        raise InputError(f"`{key}` has not {size} bytes, expected these", code="entry/payload")


def check_public_key(key: str, value: bytes) -> None:
    """Check an Ed25519 public key: 32 bytes, spelled canonically, of a point that is somebody's.

    A signature verifies under a point of small order whatever was signed, and verifiers differ in whether
    they say so; the same holds of spellings beyond the field.

    Raises:
        InputError: It is none.
    """
    check_bytes(key, value, KEY_SIZE)
    height = int.from_bytes(value, "little") & ((1 << 255) - 1)
    if height >= _FIELD or height in _SMALL_ORDER:
        raise wrong(key, value.hex(), "an Ed25519 public key that somebody can own")


def check_instants(key: str, values: tuple[Instant, ...]) -> None:
    """Check a list of instants, each of which stands once, the earliest first.

    Raises:
        InputError: One is none, or stands twice or before an earlier one.
    """
    for value in values:
        check_instant(key, value)
    if list(values) != sorted({*values}):
        raise wrong(key, ", ".join(map(str, values)), "each instant once, the earliest first")


def check_names(key: str, values: tuple[str, ...]) -> None:
    """Check a list of names, each of which stands once.

    Raises:
        InputError: One is none, or stands twice.
    """
    for value in values:
        check_name(key, value)
    if len(set(values)) != len(values):
        raise wrong(key, ", ".join(values), "each name once")


def keys_of(
    payload: object, *, required: Collection[str] = (), optional: Collection[str] = ()
) -> Mapping[str, Any]:
    """Give a payload that has the keys that it must have, and no others than it may have.

    Raises:
        InputError: It is no mapping, lacks a key, or has one too many, or null where it may be left out.
    """
    if not isinstance(payload, dict):
        raise InputError("a payload is no JSON object, expected one", code="entry/payload")
    for key in required:
        if key not in payload:
            raise InputError(f"`{key}` is missing, expected it", code="entry/payload")
    for key, value in payload.items():
        if key not in required and key not in optional:
            known = ", ".join(f"`{one}`" for one in (*required, *optional))
            raise InputError(
                f"key {quoted(key)} means nothing here, expected {known or 'no key'}",
                code="entry/payload",
            )
        if value is None and key in optional:
            raise wrong(key, "null", "a value, or no such key")
    return payload


def step_of(
    payload: Mapping[str, Any],
    step: str,
    required: Collection[str],
    optional: Collection[str] = (),
) -> Mapping[str, Any]:
    """Give the keys of one step of several, without `step` itself.

    Raises:
        InputError: It is another step, lacks a key, or has one too many.
    """
    keys = dict(keys_of(payload, required=("step", *required), optional=optional))
    check_choice("step", keys.pop("step"), (step,))
    return keys


def list_of(payload: Mapping[str, Any], key: str) -> tuple[Any, ...]:
    """Give the items of a list that is left out where it is empty.

    Raises:
        InputError: It is no list, or an empty one.
    """
    if key not in payload:
        return ()
    items = payload[key]
    if not isinstance(items, list) or not items:
        raise wrong(key, items, "a list that is not empty, or no such key")
    return tuple(items)


def bytes_of(payload: Mapping[str, Any], key: str) -> bytes:
    """Give the bytes that a text is in base64.

    Raises:
        InputError: It is no base64, or another spelling of it.
    """
    text = payload[key]
    data = from_base64(text) if isinstance(text, str) else None
    if data is None:
        raise wrong(key, text, "base64")
    return data


def in_base64(data: bytes) -> str:
    """Give bytes as `bytes_of` reads them."""
    return to_base64(data)


def present(**values: object) -> dict[str, Any]:
    """Give the values that are there: what is None or an empty list is left out of a payload."""
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in values.items()
        if value is not None and value != ()
    }


def write_member(member: MemberId | None) -> dict[str, Any]:
    """Give the keys that name a member: an integer as its digits, and said to be one."""
    if member is None or isinstance(member, str):
        return {"member": member}
    return {"member": str(member), "member_type": _INTEGER}


def read_member(payload: Mapping[str, Any]) -> MemberId:
    """Give the member that `write_member` named.

    Raises:
        InputError: It names none.
    """
    text = payload["member"]
    if "member_type" in payload:
        check_choice("member_type", payload["member_type"], (_INTEGER,))
        number = as_number(text) if isinstance(text, str) else None
        if number is None:
            raise wrong("member", text, "the digits of an integer of 64 bits")
        return number
    if not isinstance(text, str):
        raise wrong("member", text, "text")
    check_member(text)
    return text


def check_member(member: object) -> None:
    """Check a member's id: text that is not empty, or an integer of 64 bits.

    Raises:
        InputError: It is none.
    """
    is_text = isinstance(member, str) and member != ""
    is_number = type(member) is int and as_number(member) is not None
    if not (is_text or is_number):
        raise wrong("member", member, "text that is not empty, or an integer of 64 bits")


def check_terms(key: str, values: object) -> None:
    """Check a list of terms or places, which a decision judges and nobody before ([TIM-5]); None is none.

    Raises:
        InputError: It is no list, or an item is no text.
    """
    if values is None:
        return
    if not (isinstance(values, tuple) and all(isinstance(value, str) for value in values)):
        raise wrong(key, values, "a list of texts")
