# SPDX-License-Identifier: Apache-2.0
"""A card in HTML needs nothing from outside, runs nothing, and can be read by who sees no plot (REL-45, REL-47, REL-48)."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, strategies as st
from tests.unit.release.papers.made_papers import described, making, version
from tests.unit.release.papers.pages import Element, read_page

from privity.papers.page import Section
from privity.release.papers.blocks import Code, Facts, Number, Page, Paragraph, Table
from privity.release.papers.card import card
from privity.release.papers.page import write_page

ATTACK = "<script>alert(1)</script>\"' onload=x --><img src=x onerror=alert(1)>&lt;b&gt;"
RUNS = {
    "script",
    "iframe",
    "object",
    "embed",
    "img",
    "link",
    "form",
    "input",
    "base",
    "foreignobject",
    "animate",
    "set",
    "image",
    "audio",
    "video",
}
ALL_TAGS = {
    *"html head meta title style body header main nav section figure figcaption".split(),
    *"h1 h2 p ul li a dl dt dd div table caption thead tbody tr th td code".split(),
    *"svg g defs path use clippath rect pattern text desc".split(),
}  # fmt: skip


@pytest.fixture(scope="module")
def text() -> str:
    return write_page(card(making(), described()))


@pytest.fixture(scope="module")
def page(text: str) -> Element:
    return read_page(text)


def attributes(page: Element) -> list[tuple[str, str, str]]:
    return [(one.tag, *pair) for one in page.all() for pair in one.attributes.items()]


def well_formed(text: str) -> None:
    ET.fromstring(text.removeprefix("<!DOCTYPE html>"))  # noqa: S314 - written by the test itself


def check_safe(page: Element) -> None:
    """Check that nothing in a page runs, or is fetched."""
    assert {one.tag for one in page.all()} <= ALL_TAGS
    for tag, name, value in attributes(page):
        assert not name.startswith("on"), (tag, name)
        if name in {"href", "xlink:href"}:
            assert value.startswith("#"), (tag, value)
        assert name not in {"src", "srcset", "action", "formaction", "data", "poster"}, (
            tag,
            name,
        )
        assert not re.search(r"url\((?!#)|@import|javascript:|expression\(", value), (
            tag,
            value,
        )
    for one in page.all("style"):
        assert "@import" not in one.text
        assert "url(" not in one.text


def test_it_needs_nothing_from_outside_and_runs_nothing(page: Element, text: str) -> None:
    check_safe(page)
    assert not RUNS & {one.tag for one in page.all()}
    rule = next(one for one in page.all("meta") if "http-equiv" in one.attributes)
    assert rule.attributes["http-equiv"] == "Content-Security-Policy"
    assert rule.attributes["content"].startswith("default-src 'none'")
    # Names of languages are no places to fetch from; there is no other address.
    addresses = set(re.findall(r"[a-z]+://[^\s\"'<]+", text))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_it_is_well_formed_xml_too(text: str) -> None:
    well_formed(text)


def test_a_policy_cannot_write_into_it() -> None:
    made = making(of=version(label=ATTACK))
    found = read_page(write_page(card(made, described())))
    check_safe(found)
    cells = [one.words() for one in found.all("td")]
    assert ATTACK in cells


@given(
    st.text(max_size=60).map(lambda one: f"{one}{ATTACK}{one}") | st.text(max_size=60),
    st.text(max_size=30),
)
def test_no_text_becomes_more_than_text(text: str, other: str) -> None:
    made = Page(
        title=text,
        lead=(
            Facts(((text, (Code(other), Number(None), text)),)),
            Paragraph((text, Code(text))),
        ),
        sections=(
            Section(
                id="one",
                title=other,
                blocks=(Table(caption=text, head=(text, other), rows=((Code(text), other),)),),
            ),
        ),
    )
    written = write_page(made)
    well_formed(written)
    found = read_page(written)
    check_safe(found)
    shown = "".join(char if char.isprintable() else "\ufffd" for char in text)
    assert [one.words() for one in found.all("h1")] == [shown]
    assert [one.words() for one in found.all("caption")] == [shown]
    assert [one.attributes["aria-label"] for one in found.all("div")] == [shown]


def test_whoever_sees_no_plot_reads_it(page: Element) -> None:
    (html,) = page.all("html")
    assert html.attributes["lang"] == "en"
    assert page.all("title")[0].text == "Release lab-2026-11"
    assert len(page.all("main")) == len(page.all("h1")) == 1
    figures = page.all("figure")
    assert len(figures) == 4
    for figure in figures:
        (drawing,) = figure.all("svg")
        title, told = drawing.all("title")[0], drawing.all("desc")[0]
        assert drawing.attributes["role"] == "img"
        assert drawing.attributes["aria-labelledby"] == title.attributes["id"]
        assert drawing.attributes["aria-describedby"] == told.attributes["id"]
        assert title.text
        assert len(told.text) > 40


def test_beside_each_plot_is_a_table_with_its_numbers(page: Element) -> None:
    for section in page.all("section"):
        kinds = [one.tag for one in section.all("figure", "table")]
        assert kinds == ["figure", "table"] * kinds.count("figure") or "figure" not in kinds
    for table in page.all("table"):
        assert [one.tag for one in table.inside] == ["caption", "thead", "tbody"]
        assert table.inside[0].words()
        heads = table.inside[1].all("th")
        assert all(one.attributes["scope"] == "col" for one in heads)
        for row in table.inside[2].all("tr"):
            assert [one.tag for one in row.inside] == ["th", *["td"] * (len(heads) - 1)]
            assert row.inside[0].attributes["scope"] == "row"


def test_every_name_in_it_is_there_once_and_every_reference_leads_somewhere(
    page: Element,
) -> None:
    names = [value for _, name, value in attributes(page) if name == "id"]
    assert len(set(names)) == len(names)
    for tag, name, value in attributes(page):
        wanted = []
        if name in {"href", "xlink:href"}:
            wanted = [value.removeprefix("#")]
        elif name in {"aria-labelledby", "aria-describedby"}:
            wanted = value.split()
        elif found := re.findall(r"url\(#([^)]+)\)", value):
            wanted = found
        assert set(wanted) <= set(names), (tag, name, value)


def test_a_hidden_number_is_marked_in_words(page: Element) -> None:
    hidden = [one for one in page.all("td") if "hidden" in one.attributes.get("class", "")]
    assert hidden
    assert {one.words() for one in hidden} == {"hidden"}
