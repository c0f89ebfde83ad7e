# SPDX-License-Identifier: Apache-2.0
"""The card of the demo's network, word for word (REL-46): what a change to the card would change for a reader."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.release.papers.made_papers import described
from tests.unit.release.papers.pages import read_page

import privity
from privity.app.inputs import load_policy
from privity.canonical.instants import parse_instant
from privity.release.clear import Clearing
from privity.release.described import Described
from privity.release.papers.card import card
from privity.release.papers.making import Making, making_of
from privity.release.papers.markdown import write_markdown
from privity.release.papers.page import write_page
from privity.sources.synthetic.network import make_network

AT = parse_instant("2024-12-01T00:00:00Z")
RECIPIENT = "parent"


@pytest.fixture(scope="module")
def cleared(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Clearing:
    folder = tmp_path_factory.mktemp("demo")
    network = make_network(folder / "network", members=2_000, records=20_000, seed=1, until=AT)
    return privity.clear(
        network.record_paths,
        policy=repository / "examples/inmail-dispute/as-promised/policies",
        facts=network.facts_path,
        purpose="genai-training",
        recipient=RECIPIENT,
        at=AT,
        out=folder / "cleared",
        pseudonym_key=bytes(32),
    )


@pytest.fixture(scope="module")
def made(cleared: Clearing, repository: Path) -> Making:
    manifest: dict[str, Any] = {
        **cleared.manifest,
        "ledger": {"attested": [], "clock": "simulated"},
        "program": "privity",
    }
    versions = load_policy(repository / "examples/inmail-dispute/as-promised/policies").versions
    (version,) = (one for one in versions if one.version == manifest["policy"]["in_force"])
    schema: pa.Schema = pq.read_schema(next((cleared.out / "data").iterdir()))
    return making_of(cleared.summary, manifest, schema, version)


@pytest.fixture(scope="module")
def said(cleared: Clearing) -> Described:
    found = described(recipient=RECIPIENT, release="parent-2024-12", version="2024-11-20")
    content = replace(
        found.content, rows=cleared.summary.permitted, members=321, files=2, size=123_456
    )
    created = replace(found.created, content=content)
    return replace(found, created=created, says=created)


def test_the_card_is_the_one_that_was_looked_at(
    made: Making, said: Described, tmp_path: Path, repository: Path
) -> None:
    path = tmp_path / "card.md"
    path.write_text(write_markdown(card(made, said)), "utf-8")
    looked_at = repository / "tests/data/card/demo.md"
    assert path.read_text("utf-8") == looked_at.read_text("utf-8"), (
        f"if the change is meant, look at {path} and put it there"
    )


def test_the_page_shows_the_same_numbers(made: Making, said: Described) -> None:
    page = read_page(write_page(card(made, said)))
    tables = {one.all("caption")[0].words(): one for one in page.all("table")}
    rows = {
        row.inside[0].words(): [cell.words() for cell in row.all("td")]
        for row in tables["Records by category"].all("tbody")[0].all("tr")
    }
    assert rows == {
        one.category: [
            "hidden" if number is None else f"{number:,}"
            for number in (one.records, one.permitted, one.refused)
        ]
        for one in made.figures.categories
    }
    assert rows["inmail"][1] == "0"
