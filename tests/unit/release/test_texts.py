# SPDX-License-Identifier: Apache-2.0
"""What of a text is compared, and what counts as a copy of it (REL-132 to REL-136)."""

from __future__ import annotations

import textwrap
import unicodedata

import pytest
from hypothesis import given, strategies as st

from privity.release.texts import LEAST, PASSAGE, fold, has_passage, is_copy, needles, passages

PRIVATE = (
    "Dear Ms Example, the third quarter closed nine per cent below plan, and until the board has met on "
    "Tuesday nobody but you and me knows it. Please keep the figures to yourself, and call me tonight."
)
"""Made up, like every text here."""


def of(letters: int, alphabet: str = "abcdefghijklmnopqrstuvwxyz") -> str:
    """So many letters in a row that does not repeat itself soon."""
    return "".join(alphabet[(place * place + place // 7) % 26] for place in range(letters))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("", ""),
        ("  \t\r\n", ""),
        ("Don't panic: it's 42!", "dontpanicits42"),
        ("> > Quoted\n>> twice", "quotedtwice"),
        ("STRASSE Straße", "strassestrasse"),
        ("\ufb01nance \uff21\uff22\uff13 \u00bd \u2163", "financeab312iv"),
        ("e\u0301 é È e\u0335\u0336", "eeee"),
        ("\u1fb3 \u03b1\u0345 \u0391\u0399", "\u03b1\u03b1\u03b1\u03b9"),
        ("zero\u200bwidth soft\u00adhyphen \u2066bi\u202edi\u2069 \ufeffmark", "zerowidthsofthyphenbidimark"),
        ("a\u034fb\ufe0fc\U000e0061d\u115fe\u3164f\uffa0g", "abcdefg"),
        ("\u6f22\u5b57 \u304b\u304c", "漢漢漢字字字かか"),
        ("\uac00", "\u1100\u1161"),
        ("🙂 👩‍💻 ¶ § † ✓", ""),
    ],
)  # fmt: skip
def test_a_text_is_folded_to_letters_and_digits(text: str, folded: str) -> None:
    """REL-132."""
    assert fold(text) == folded


@given(st.text())
def test_folding_again_changes_nothing_but_ideographs(text: str) -> None:
    """REL-132: case, form, marks, white space and what is not seen make no difference."""
    once = fold(text)
    if not any("CJK" in unicodedata.name(one, "") for one in once):
        assert fold(once) == once
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert fold(unicodedata.normalize(form, text)) == once
    assert fold("\u200b".join(f" {text}> ")) == once


@pytest.mark.parametrize(
    "made",
    [
        PRIVATE,
        PRIVATE.upper(),
        f"\n\n   {PRIVATE}   \n",
        textwrap.fill(PRIVATE, 31),
        textwrap.indent(textwrap.fill(PRIVATE, 40), "> "),
        textwrap.indent(textwrap.fill(PRIVATE, 40), ">> >"),
        f"Look what I was sent:\n\n«{PRIVATE}»\n\nWhat do you say?",
        PRIVATE.replace(" ", "\u00a0").replace("e", "e\u200d"),
        PRIVATE.replace("quarter", "quar-\nter"),
        f"{PRIVATE}\n-- \nSomebody Else\nSent from somewhere",
    ],
    ids=[
        "same", "case", "blanks", "re-wrapped", "quoted", "quoted-twice", "embedded", "invisible",
        "hyphenated", "signed",
    ],
)  # fmt: skip
def test_a_copy_is_found_however_it_was_pasted(made: str) -> None:
    """REL-135."""
    assert is_copy(made, PRIVATE)
    assert is_copy(made, f"{PRIVATE}\n--\nA Person, A Company, +00 000 000000")


@pytest.mark.parametrize(
    "made",
    [
        "",
        PRIVATE.replace("nine", "eight"),
        PRIVATE[:-9],
        PRIVATE[9:],
        " ".join(reversed(PRIVATE.split())),
        "Thanks, talk to you next week!",
    ],
    ids=["empty", "a word", "end", "beginning", "turned", "short"],
)
def test_what_is_not_the_whole_is_no_copy(made: str) -> None:
    """REL-135: a near one is none, unless passages are asked for."""
    assert not is_copy(made, PRIVATE)


def test_what_is_short_is_not_looked_for() -> None:
    """REL-134: phrases that anybody may write refuse nothing."""
    for phrase in (
        "",
        "Thanks",
        "Thank you for accepting my invitation!",
        "🙂" * 100,
        of(LEAST - 1),
    ):
        assert needles(phrase) == passages(phrase) == ()
        assert not is_copy(f"{phrase} and more {phrase}", phrase)
    assert needles(of(LEAST)) == (of(LEAST),)
    assert len(fold("漢" * (LEAST // 3))) == LEAST


def test_the_signature_is_left_out_unless_little_is_left() -> None:
    """REL-133."""
    text = of(60)
    for end in ("--", "-- ", "--\t\r"):
        assert needles(f"{text}\n{end}\nA Name") == (text,)
    for end in ("---", "> --", " --", "-- A Name"):
        assert needles(f"{text}\n{end}\nb")[0] != text
    # Who puts everything under a signature is looked for as well.
    assert needles(f"Hello\n--\n{text}") == (f"hello{text}",)
    assert needles(f"--\n{text}\n--\nA Name") == (f"{text}aname",)


def test_own_words_are_looked_for_beside_the_whole() -> None:
    """REL-133: a reply is found without what it quotes, and with it."""
    own, other = of(60), of(70, "zyxwvutsrqponmlkjihgfedcba")
    reply = f"On Monday they wrote:\n> {other}\n  \t> {other}\n{own}"
    whole, mine = needles(reply)
    assert whole == f"onmondaytheywrote{other}{other}{own}"
    assert mine == f"onmondaytheywrote{own}"
    assert needles(f"> {other}\nNo.") == (f"{other}no",)
    assert needles(f"> {other}") == (other,)


def test_passages_cut_own_words_from_their_beginning() -> None:
    """REL-136: a quotation of 191 letters is found wherever it begins, one of 95 nowhere."""
    own = of(5 * PASSAGE + 17)
    assert list(passages(own)) == [
        own[at : at + PASSAGE] for at in range(0, 5 * PASSAGE, PASSAGE)
    ]
    for begin in range(len(own) - 2 * PASSAGE + 2):
        part = own[begin : begin + 2 * PASSAGE - 1]
        assert has_passage(part, own)
        assert not is_copy(part, own)
        assert not has_passage(part[: PASSAGE - 1], own)
    other = of(3 * PASSAGE, "zyxwvutsrqponmlkjihgfedcba")
    assert not has_passage(other, f"> {other}\n{own}")


@pytest.mark.parametrize(
    "made",
    [
        textwrap.indent(textwrap.fill(PRIVATE, 40), "ME> "),
        PRIVATE.replace("a", "\u0430"),
        PRIVATE.replace("o", "0"),
    ],
    ids=["initials", "look-alikes", "digits"],
)
def test_what_has_other_letters_in_it_is_not_found(made: str) -> None:
    """REL-144: said plainly, since nobody should rely on it."""
    assert not is_copy(made, PRIVATE)
