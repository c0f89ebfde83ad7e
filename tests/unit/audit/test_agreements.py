# SPDX-License-Identifier: Apache-2.0
"""An agreement that is asked about is one that somebody told of (specs/audit.md, [AUD-20])."""

from __future__ import annotations

import pytest
from tests.unit.audit.test_statement_answer import fact

from privity.audit.agreements import check_agreement
from privity.audit.evidence import Gap
from privity.errors import InputError
from privity.testing.evidence import MadeEvidence, made_evidence
from privity.testing.plain import POLICY

HIDDEN = Gap(kind="private-facts", what="facts are not shown")


def evidence(*gaps: Gap) -> MadeEvidence:
    facts = [fact("joined"), fact("agreement", value="gold")]
    return made_evidence(versions=[POLICY], facts=facts, gaps=gaps)


@pytest.mark.parametrize("agreement", [None, "subscription", "gold"])
def test_one_of_a_version_or_of_a_member_may_be_asked_about(agreement: str | None) -> None:
    check_agreement(evidence(), agreement)


def test_of_one_that_nobody_knows_nothing_is_said() -> None:
    """[AUD-20] Nobody held it, so whatever is promised of its members would hold."""
    with pytest.raises(InputError) as refused:
        check_agreement(evidence(), "golden")
    assert refused.value.code == "audit/unknown-agreement"
    assert refused.value.hint == "did you mean `gold`?"


def test_where_facts_are_hidden_somebody_may_have_held_it() -> None:
    check_agreement(evidence(HIDDEN), "golden")
