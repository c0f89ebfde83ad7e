# SPDX-License-Identifier: Apache-2.0
"""Real input: who wrote to whom in the mail of one company, without a word of what, under a made policy.

26,957 messages of up to 881 addressees, from 1980 (clocks that were wrong) to 2004; 18,260 people with
87,600 made-up facts. The data is not ours to publish: it is read from `PRIVITY_MAIL_DATA`, or from
`shared/data` beside the repository, and the tests are skipped without it.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.corpora import KEY

import privity
from privity.app.inputs import load_facts, load_policy
from privity.members.columns import FactColumns

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("PRIVITY_MAIL_DATA", ROOT.parent / "shared" / "data"))
RECORDS, FACTS = DATA / "mail_parties.parquet", DATA / "mail_facts.csv"
POLICY = ROOT / "tests" / "data" / "mail"

pytestmark = pytest.mark.skipif(
    not (RECORDS.exists() and FACTS.exists()),
    reason="the mail is not here: name its folder with PRIVITY_MAIL_DATA",
)

# While groups were asked whole, before Canada was let in again; and when all was over.
DURING, AFTER = "2001-09-01T00:00:00Z", "2005-01-01T00:00:00Z"
MESSAGES = 26_957
PERMITTED: dict[tuple[str, str], dict[str, int]] = {
    (DURING, "self"): {"direct-message": 401, "inmail": 64},
    (DURING, "parent"): {"direct-message": 401, "inmail": 64},
    (DURING, "lab"): {"direct-message": 220, "inmail": 28},
    (AFTER, "self"): {"direct-message": 1273, "inmail": 161, "group-message": 1567},
    (AFTER, "parent"): {"direct-message": 1273, "inmail": 161, "group-message": 1567},
    (AFTER, "lab"): {"direct-message": 561, "inmail": 49, "group-message": 1070},
}
REASONS_AFTER = {
    "uninformed": 13_691,
    "jurisdiction-exempt": 10_364,
    "no-notice": 9_013,
    "opted-out": 8_505,
    "not-opted-in": 4_957,
    "opted-out-then": 4_098,
    "explicit-only": 3_620,
    "account-closed": 3_088,
    "no-parties": 2_551,
    "unknown-party": 2_477,
    "unknown-jurisdiction": 111,
    "bad-time": 1,
    "before-consent": 1,
}
# The lab is a third party: paying members were promised that it gets nothing of theirs.
REASONS_OF_LAB = {**REASONS_AFTER, "agreement": 13_537}


@pytest.fixture(scope="module")
def facts() -> FactColumns:
    return load_facts(FACTS)


@pytest.fixture(scope="module")
def records() -> pa.Table:
    return pq.read_table(RECORDS)


def asked(facts: FactColumns, at: str, recipient: str) -> dict[str, Any]:
    return {
        "policy": load_policy(POLICY),
        "facts": facts,
        "purpose": "genai-training",
        "recipient": recipient,
        "at": at,
    }


def permitted(records: pa.Table, decisions: pa.Table) -> dict[str, int]:
    """Count the permitted messages by category."""
    found = records.filter(decisions["permit"])["category"].to_pylist()
    return dict(Counter(found))


def test_the_mail_is_what_the_figures_are_of(records: pa.Table, facts: FactColumns) -> None:
    assert records.num_rows == MESSAGES
    assert facts.members == 18_260
    assert facts.facts + len(facts.platform) == 87_600
    assert max(len(one) for one in records["recipients"].to_pylist()) == 881


@pytest.mark.parametrize(("at", "recipient"), PERMITTED)
def test_so_many_messages_are_permitted(
    records: pa.Table, facts: FactColumns, at: str, recipient: str
) -> None:
    found = privity.decide_batch(records, **asked(facts, at, recipient))
    assert permitted(records, found) == PERMITTED[at, recipient]
    reasons = Counter(one for some in found["reasons"].to_pylist() for one in some)
    if at == AFTER:
        assert reasons == (REASONS_OF_LAB if recipient == "lab" else REASONS_AFTER)


def test_a_third_party_gets_no_more_than_the_company(
    records: pa.Table, facts: FactColumns
) -> None:
    """The company itself, its affiliate, and then the lab: each may use what the next may."""
    for at in (DURING, AFTER):
        own, parent, lab = (
            set(
                records.filter(
                    privity.decide_batch(records, **asked(facts, at, recipient))["permit"]
                )["record_id"].to_pylist()
            )
            for recipient in ("self", "parent", "lab")
        )
        assert own == parent
        assert lab < own


@pytest.mark.parametrize(("at", "recipient"), [(DURING, "lab"), (AFTER, "self")])
def test_both_engines_answer_alike_on_every_tenth_message(
    records: pa.Table, facts: FactColumns, at: str, recipient: str
) -> None:
    tenth = records.take(pa.array(range(0, MESSAGES, 10)))
    _alike(tenth, asked(facts, at, recipient))


@pytest.mark.slow
@pytest.mark.parametrize(("at", "recipient"), PERMITTED)
def test_both_engines_answer_alike_on_all_messages(
    records: pa.Table, facts: FactColumns, at: str, recipient: str
) -> None:
    _alike(records, asked(facts, at, recipient))


def _alike(records: pa.Table, given: dict[str, Any]) -> None:
    one, arrow = (
        privity.decide_batch(records, engine="one", **given),
        privity.decide_batch(records, engine="arrow", **given),
    )
    assert one.to_pylist() == arrow.to_pylist()


@pytest.mark.parametrize("recipient", ["self", "lab"])
def test_clearing_the_mail_writes_what_is_permitted(
    tmp_path: Path, records: pa.Table, facts: FactColumns, recipient: str
) -> None:
    given = asked(facts, AFTER, recipient)
    cleared = privity.clear(
        RECORDS, out=tmp_path / "out", pseudonym_key=KEY, refused=True, **given
    )
    decisions = privity.decide_batch(records, **given)
    expected = records.filter(decisions["permit"])
    found = pq.read_table(tmp_path / "out" / "data")
    assert found["record_id"].to_pylist() == expected["record_id"].to_pylist()
    for name in ("content_id", "body_chars", "quotes_someone", "created_at"):
        assert found[name].to_pylist() == expected[name].to_pylist()
    assert cleared.summary.permitted == sum(PERMITTED[AFTER, recipient].values())
    refused = pq.read_table(tmp_path / "out" / "refused.parquet")
    assert refused.num_rows == cleared.summary.refused == MESSAGES - found.num_rows
    if recipient == "lab":
        _check_pseudonyms(found, expected)
        assert cleared.manifest["obligations"] == ["pseudonymise"]
    else:
        assert found["author"].to_pylist() == expected["author"].to_pylist()


def _check_pseudonyms(found: pa.Table, expected: pa.Table) -> None:
    """Everybody has one pseudonym, wherever, and nobody's own name is left."""
    names = dict(zip(expected["author"].to_pylist(), found["author"].to_pylist(), strict=True))
    for own, made in zip(
        expected["recipients"].to_pylist(), found["recipients"].to_pylist(), strict=True
    ):
        assert len(own) == len(made)
        for one, pseudonym in zip(own, made, strict=True):
            assert names.setdefault(one, pseudonym) == pseudonym
    assert len(set(names.values())) == len(names)
    assert not names.keys() & set(names.values())
