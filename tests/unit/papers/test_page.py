# SPDX-License-Identifier: Apache-2.0
"""Whatever is written into a page stays text, and the page may load and run nothing ([REL-48], [AUD-144])."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from hypothesis import given, strategies as st

from privity.papers.page import (
    RULE,
    Section,
    contents_of,
    head_of,
    main_of,
    shown,
    text_of,
    wide_of,
)

STYLE = "p > a { color: red } /* & */"


def page_of(text: str) -> ET.Element:
    """A page with a text wherever one may stand, read as XML."""

    def write(block: str, section: str) -> Iterator[str]:
        yield from wide_of(block)
        yield f"<tr><td>{text_of(section + block)}</td></tr></table></div>"

    sections = (Section(id="one", title=text, blocks=(text, text)),)
    lines = (
        *("<html>", *head_of(text, STYLE), "<body>"),
        *(*contents_of(text, sections), *main_of(sections, write), "</body></html>"),
    )
    return ET.fromstring("\n".join(lines))  # noqa: S314 - our own bytes


@given(st.text())
def test_a_text_is_text_wherever_it_stands(text: str) -> None:
    page = page_of(text)
    wanted = shown(text)
    assert page.findtext("head/title", "") == wanted
    assert page.findtext("head/style") == STYLE
    assert page.findtext(".//nav//a", "") == wanted
    assert page.findtext(".//h2", "") == wanted
    assert [one.text or "" for one in page.iter("caption")] == [wanted, wanted]
    assert [one.text for one in page.iter("td")] == [f"one{wanted}"] * 2
    assert {one.get("aria-label") for one in page.iter("div")} == {wanted}


def test_nothing_in_it_runs_or_is_fetched() -> None:
    page = page_of('"><script src="https://evil.example/x.js"></script>')
    assert {one.tag for one in page.iter()}.isdisjoint({"script", "link", "img", "iframe"})
    (rule,) = (one for one in page.iter("meta") if one.get("http-equiv"))
    assert rule.get("content") == RULE
    assert RULE.startswith("default-src 'none'")


def test_links_lead_to_their_sections() -> None:
    page = page_of("a")
    (link,), (section,) = page.iter("a"), page.iter("section")
    assert link.get("href") == "#one"
    assert section.get("aria-labelledby") == "one" == next(page.iter("h2")).get("id")


def test_what_does_not_show_is_shown_as_missing() -> None:
    assert shown("a\u202eb\x00\nc") == "a\ufffdb\ufffd\ufffdc"
