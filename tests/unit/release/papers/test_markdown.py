# SPDX-License-Identifier: Apache-2.0
"""A card in Markdown is text, tables and names, whatever stands in a policy (REL-48)."""

from __future__ import annotations

from hypothesis import example, given, strategies as st
from markdown_it import MarkdownIt
from tests.unit.release.papers.made_papers import described, making, version
from tests.unit.release.papers.pages import Element, read_page

from privity.papers.page import Section
from privity.release.papers.blocks import (
    Code,
    Facts,
    Number,
    Page,
    Paragraph,
    Points,
    Table,
)
from privity.release.papers.card import card
from privity.release.papers.markdown import write_markdown

SIGNS = "<>&|`*_[]()#!~$\\-+=.:/0129 \naé"
ATTACK = "| <script>alert(1)</script> | [x](javascript:alert(1)) ![i](http://a) `b` **c** https://d.example"
KINDS = {*"h1 h2 p ul li strong code pre table thead tbody tr th td".split()}


def rendered(text: str) -> Element:
    """What a reader with HTML, tables and bare links switched on makes of it."""
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return read_page(reader.render(text))


def plain(text: str) -> str:
    """A text as it shows: what is not printable is missing, and blanks are one."""
    return " ".join("".join(char if char.isprintable() else "\ufffd" for char in text).split())


def shown(element: Element) -> str:
    return " ".join(element.words().split())


def test_a_policy_cannot_write_into_it() -> None:
    page = rendered(write_markdown(card(making(of=version(label=ATTACK)), described())))
    assert {one.tag for one in page.all()} <= KINDS
    assert ATTACK in [shown(one) for one in page.all("td")]


@given(st.text(SIGNS, min_size=1, max_size=25), st.text(min_size=1, max_size=12))
@example("   ", "0")
@example("    code", "0")
@example("    1. one", "0")
def test_no_text_becomes_more_than_text(text: str, other: str) -> None:
    page = rendered(
        write_markdown(
            Page(
                title="A card",
                lead=(Paragraph((text, " end")), Points(((text, " end"),))),
                sections=(
                    Section(
                        id="one",
                        title="Part",
                        blocks=(
                            Facts((("name", (Code(text), " ", other)),)),
                            Table(
                                caption=f"{text} numbers",
                                head=("a", "b", "c"),
                                rows=(
                                    (Code(text), Number(None), text),
                                    (text, Number(7), other),
                                ),
                            ),
                        ),
                    ),
                ),
            )
        )
    )
    assert {one.tag for one in page.all()} <= KINDS
    assert shown(page.all("p")[0]) == plain(f"{text} end")
    assert shown(page.all("p")[-1]) == plain(f"{text} numbers")
    assert len(page.all("table")) == 1
    rows = [[shown(one) for one in row.inside] for row in page.all("tr")]
    assert [len(row) for row in rows] == [3, 3, 3]
    assert rows[1][2] == plain(text)
    assert rows[2] == [plain(text), "7", plain(other)]


def test_a_bare_address_is_no_link() -> None:
    text = write_markdown(Page(title="https://a.example", lead=(), sections=()))
    assert "https:" not in text
    assert shown(rendered(text)) == "https://a.example"
