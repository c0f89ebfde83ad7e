# SPDX-License-Identifier: Apache-2.0
"""What public entries say, and what of it is believed (AUD-2, AUD-6)."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from privity.audit.evidence import AuditedLog
from privity.audit.rules import read_rules
from privity.canonical.encode import encode
from privity.canonical.instants import parse_instant
from privity.entries.baseline import BaselineEntry, Replaced
from privity.entries.kinds import PublicKind
from privity.entries.policy import PolicyEntry
from privity.entries.recipient import RecipientEntry
from privity.errors import VerificationError
from privity.testing.evidence import made_evidence
from privity.testing.plain import policy

NOON = parse_instant("2025-01-01T12:00:00Z")
TEXT = encode(policy(obligations=[]))
SAYS = PolicyEntry(
    policy="genai-training",
    version="2024-09-18",
    effective_at=parse_instant("2024-09-18T00:00:00Z"),
    sha256=sha256(TEXT).hexdigest(),
    size=len(TEXT),
)


def log(*says: PublicKind, text: bytes = TEXT) -> AuditedLog:
    made = made_evidence(says=[(NOON, one) for one in says]).log
    return replace(made, texts={SAYS.sha256: text})


def baseline(entry: int | None = None) -> BaselineEntry:
    replaces = None if entry is None else Replaced(entry=entry, erased=1)
    return BaselineEntry(claimed_by="platform", commitment=bytes(32), rows=7, replaces=replaces)


def test_a_version_was_published_when_it_was_entered() -> None:
    ((entry, version),) = read_rules(log(SAYS)).versions
    assert entry == 1
    assert version.published_at == NOON
    assert version.version == "2024-09-18"


@pytest.mark.parametrize(
    ("says", "text"),
    [
        (SAYS, TEXT + b" "),
        (replace(SAYS, size=1), TEXT),
        (replace(SAYS, version="another"), TEXT),
        (replace(SAYS, effective_at=NOON), TEXT),
    ],
)
def test_a_text_that_is_not_what_its_entry_says_is_refused(
    says: PolicyEntry, text: bytes
) -> None:
    with pytest.raises(VerificationError) as error:
        read_rules(log(says, text=text))
    assert error.value.code == "audit/text"


def test_a_text_that_is_not_there_is_refused() -> None:
    with pytest.raises(VerificationError, match="not the one that entry 1 names"):
        read_rules(replace(log(SAYS), texts={}))


def test_a_baseline_that_is_replaced_counts_since_the_first() -> None:
    (one, other) = read_rules(log(baseline(), baseline(), baseline(1), baseline(3))).baselines
    assert (one.entry, one.entries) == (1, (1, 3, 4))
    assert one.says == baseline(3)
    assert (other.entry, other.entries) == (2, (2,))


def test_a_baseline_that_replaces_none_is_refused() -> None:
    with pytest.raises(VerificationError) as error:
        read_rules(log(baseline(), baseline(7)))
    assert error.value.code == "audit/baseline"


def test_a_recipient_with_a_role_that_nobody_knows_is_none() -> None:
    says = RecipientEntry(action="added", id="lab", at=NOON, role="astrologer")
    (one,) = read_rules(log(says)).platform
    assert one.fact.fact == "recipient-ended"


def test_made_evidence_has_texts_that_are_read() -> None:
    """Whoever makes a version from a mapping gets it back from the log."""
    plain = policy(obligations=[], published_at="2025-01-01T12:00:00Z")
    evidence = made_evidence(versions=[plain])
    ((_, version),) = read_rules(evidence.log).versions
    assert replace(version, source="") == replace(evidence.versions[0][1], source="")
