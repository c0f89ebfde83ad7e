# SPDX-License-Identifier: Apache-2.0
"""A language in which every message stands in brackets, and what a page says outside of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import django
from babel.messages.pofile import read_po
from tests.network.messages import SOURCES, collected, empty, mo

LANGUAGE: Final = "udm"
"""One that Django knows and of which no country has a name here; nothing of it is said."""
_SAID: Final = ("alt", "aria-label", "placeholder", "title")
"""The attributes that people read or hear."""
_SILENT: Final = frozenset({"script", "style", "code", "pre", "textarea", "template"})
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
_NAMED: Final = frozenset({"country", "zone", "language"})
_DJANGO: Final = ("conf", "contrib/auth", "contrib/humanize")


@contextmanager
def bracketed(root: Path) -> Iterator[None]:
    """Have the language, as long as the block lasts."""
    from django.test import override_settings  # noqa: PLC0415 - Django is set up by now

    made = root / LANGUAGE / "LC_MESSAGES" / "django.mo"
    made.parent.mkdir(parents=True)
    made.write_bytes(_catalogue())
    with override_settings(
        LANGUAGES=[("en", "English"), (LANGUAGE, "Brackets")], LOCALE_PATHS=[root]
    ):
        yield


@cache
def _catalogue() -> bytes:
    """Bracket all that we say, and all that Django says by itself."""
    made = empty(LANGUAGE)
    for part in SOURCES:
        for message in collected(part):
            made.add(message.id, _in_brackets(message.id))
    for part in _DJANGO:
        path = Path(django.__file__).parent / part / "locale/en/LC_MESSAGES/django.po"
        with path.open("rb") as file:
            for one in read_po(file):
                if one.id:
                    made.add(one.id, _in_brackets(one.id), context=one.context)
    return mo(made)


def _in_brackets(said: str | tuple[str, ...] | list[str]) -> str | tuple[str, ...]:
    return f"⟦{said}⟧" if isinstance(said, str) else tuple(f"⟦{one}⟧" for one in said)


class Reader(HTMLParser):
    """Reads a page as somebody does, and keeps what stands in no brackets."""

    def __init__(self) -> None:
        super().__init__()
        self.outside: list[str] = []
        self._deep = 0
        self._silent = 0
        self._open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Hear what an element's attributes say; code says nothing."""
        said = dict(attrs)
        for name in _SAID:
            self._hear(said.get(name) or "", of=0)
        if tag in _VOID:
            return
        silent = tag in _SILENT or "code" in (said.get("class") or "").split()
        # The names of countries, zones and languages come from elsewhere.
        silent = silent or (tag == "select" and said.get("name") in _NAMED)
        self._open.append(silent)
        self._silent += silent

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        if tag not in _VOID and self._open:
            self._silent -= self._open.pop()

    def handle_data(self, data: str) -> None:
        """Hear a text; a message may go on over several elements."""
        if not self._silent:
            self._deep = self._hear(data, of=self._deep)

    def _hear(self, text: str, *, of: int) -> int:
        """Keep what is outside, from so many brackets on; gives how many are open then."""
        outside = ""
        for letter in text:
            if letter == "⟦":
                of += 1
            elif letter == "⟧":
                of -= 1
            elif not of:
                outside += letter
        if outside.strip():
            self.outside.append(" ".join(outside.split()))
        return of


def outside(page: str, names: set[str]) -> list[str]:
    """Give what a page says in no brackets, without names, numbers and marks."""
    reader = Reader()
    reader.feed(page)
    longest_first = sorted(names, key=len, reverse=True)
    known = re.compile("|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in longest_first))
    return [one for one in reader.outside if re.search(r"[^\W\d_]", known.sub("", one))]
