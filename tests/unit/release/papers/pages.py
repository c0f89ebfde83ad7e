# SPDX-License-Identifier: Apache-2.0
"""Read a page of HTML as a browser does: what is in it, and whether every element ends where it should."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

VOID: Final = {"meta", "br", "hr", "img", "link", "input"}


@dataclass
class Element:
    """An element with its attributes, what is in it, and its text."""

    tag: str
    attributes: dict[str, str]
    inside: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, *tags: str) -> list[Element]:
        """Give the elements of these kinds in it, at any depth; of every kind without one."""
        found = []
        for one in self.inside:
            if not tags or one.tag in tags:
                found.append(one)
            found += one.all(*tags)
        return found

    def words(self) -> str:
        """Give its text with that of what is in it."""
        return self.text + "".join(one.words() for one in self.inside)


class Reader(HTMLParser):
    """Builds elements, and refuses what does not nest."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"{tag} has an attribute twice"
        made = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(made)
        if tag not in VOID:
            self.open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag, f"</{tag}> ends something else"

    def handle_data(self, data: str) -> None:
        self.open[-1].text += data

    def handle_comment(self, data: str) -> None:
        self.open[-1].inside.append(Element("!--", {}, text=data))


def read_page(text: str) -> Element:
    """Read a whole page."""
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == [reader.root], "something is not ended"
    return reader.root
