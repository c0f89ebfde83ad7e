# SPDX-License-Identifier: Apache-2.0
"""What everybody can read in a log keeps a release from being used, and each thing has a name of its own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from tests.unit.release.made_standing import (
    CONTENT,
    CREATED,
    DAY,
    DONE,
    DUE,
    HANDED,
    LESS,
    MADE,
    ORIGIN,
    REVISED,
    SHA,
    START,
    standing,
)

from privity.entries.enrol import EnrolEntry
from privity.entries.kinds import PUBLIC, PublicKind
from privity.entries.order import OrderEntry
from privity.entries.policy import PolicyEntry
from privity.entries.recipient import RecipientEntry
from privity.entries.release import CreatedRelease, EndedRelease, RevisedRelease
from privity.entries.unknown import UnknownEntry
from privity.errors import PrivityError
from privity.members.facts import Fact
from privity.release.described import Described
from privity.release.standing import (
    Said,
    Standing,
    check_orders,
    check_revision,
    check_standing,
    standing_of,
)

NOW = MADE + 20 * DAY
ENTRIES = Path(__file__).resolve().parents[2] / "vectors" / "entry" / "entries.json"
OF_RULES = {"attested", "baseline", "order", "policy", "recipient"}
STOP = OrderEntry(action="issued", id="o1", at=MADE)
POLICY = PolicyEntry(policy="p", version="v2", effective_at=MADE, sha256=SHA, size=9)


def described(says: CreatedRelease | RevisedRelease = CREATED) -> Described:
    index = 7 if says == CREATED else 8
    return Described(origin=ORIGIN, created=CREATED, created_at=7, says=says, index=index)


def code_of(found: Standing, at: int = NOW) -> str | None:
    try:
        check_standing(found, at)
    except PrivityError as error:
        return error.code
    return None


def test_a_release_of_which_nothing_more_is_said_stands() -> None:
    found = standing()
    assert code_of(found) is None
    assert (found.index, found.revision, found.content) == (7, 1, CONTENT)
    check_revision(described(), newest=1, content=CONTENT)


@pytest.mark.parametrize(
    ("says", "code"),
    [
        ([EndedRelease(release="corpus", why="withdrawn")], "release/ended"),
        ([EndedRelease(release="corpus", why="expired")], "release/expired"),
        ([DUE], "release/stale"),
        ([STOP], "release/stopped"),
        ([replace(STOP, purposes=("model-training",))], "release/stopped"),
        ([replace(STOP, purposes=("a-word-of-later",))], "release/stopped"),
        ([replace(STOP, categories=("inmail",))], "release/stale"),
        ([replace(STOP, jurisdictions=("FR",))], "release/stale"),
        ([replace(STOP, recipients=("third-party",))], "release/stale"),
        ([RecipientEntry(action="ended", id="lab", at=MADE)], "release/recipient-ended"),
        ([RecipientEntry(action="changed", id="lab", at=MADE, role="affiliate")], "release/stale"),
        ([RecipientEntry(action="changed", id="lab", at=MADE, role="owner")], "release/recipient-ended"),
        ([POLICY], "release/stale"),
        ([UnknownEntry(kind="later", content={})], "release/stale"),
        ([HANDED, POLICY], "release/stale"),
        # Only the revision that was made of it closes what is due.
        ([DUE, DONE], "release/stale"),
        ([DUE, replace(DONE, revision=44)], "release/stale"),
        ([replace(DUE, revision=2), REVISED, DONE], "release/stale"),
        ([replace(DUE, revision=2), REVISED, replace(DONE, revision=3)], "release/stale"),
        ([DUE, REVISED, replace(DUE, revocation="v2", revision=2), replace(DONE, revocation="v2")], "release/stale"),
    ],
    ids=str,
)  # fmt: skip
def test_what_ends_or_may_change_a_release_refuses_it(
    says: list[PublicKind], code: str
) -> None:
    """REL-72."""
    assert code_of(standing(*says)) == code


@pytest.mark.parametrize(
    "says",
    [
        [EndedRelease(release="other", why="withdrawn")],
        [replace(DUE, release="other")],
        [replace(STOP, purposes=("personalisation",))],
        [STOP, OrderEntry(action="lifted", id="o1", at=MADE), HANDED],
        [RecipientEntry(action="ended", id="other", at=MADE)],
        [DUE, REVISED, DONE],
        # Whoever compared the release with a rule later has seen it.
        [POLICY, HANDED],
        [POLICY, replace(START, ledger_size=9)],
        [POLICY, replace(DUE, ledger_size=9), REVISED, DONE],
        [replace(STOP, categories=("inmail",)), HANDED],
        [RecipientEntry(action="changed", id="lab", at=MADE, role="affiliate"), HANDED],
    ],
    ids=str,
)
def test_what_is_about_something_else_or_was_looked_at_refuses_nothing(
    says: list[PublicKind],
) -> None:
    """REL-72."""
    assert code_of(standing(*says)) is None


def public_samples() -> list[tuple[str, PublicKind]]:
    """Give what the vectors of entries say in public streams, each with its stream."""
    taken = [one["input"] for one in json.loads(ENTRIES.read_bytes()) if one["output"]["taken"]]
    events = [json.loads(one["text"]) for one in taken]
    return [(one["s"], PUBLIC[one["s"]](one["p"])) for one in events if one["s"] in PUBLIC]


def test_each_public_kind_changes_a_rule_or_is_known_to_change_none() -> None:
    """REL-72."""
    samples = public_samples()
    assert {type(says) for _, says in samples} == set(get_args(PublicKind))
    recipient = RecipientEntry(action="ended", id=CREATED.recipient, at=MADE)
    changed = {stream for stream, says in samples if standing(says).rules}
    assert changed | {recipient.STREAM} == OF_RULES
    assert standing(recipient).rules


def test_what_has_no_rule_here_makes_a_release_stale() -> None:
    """REL-72: a public kind that this version does not know of, as a private one is."""
    kind: Any = EnrolEntry
    found = standing(kind(member="a"))
    assert code_of(found) == "release/stale"


def test_an_order_is_in_force_until_it_is_lifted() -> None:
    lifted = OrderEntry(action="lifted", id="o1", at=MADE + 5 * DAY)
    assert code_of(standing(STOP, lifted, HANDED), MADE + 4 * DAY) == "release/stopped"
    assert code_of(standing(STOP, lifted, HANDED), MADE + 5 * DAY) is None


def test_a_lifting_in_retrospect_counts_from_its_entry_on() -> None:
    lifted = OrderEntry(action="lifted", id="o1", at=MADE)
    found = standing(STOP, HANDED, lifted)
    assert code_of(found, MADE + 2 * DAY) == "release/stopped"
    assert code_of(found, MADE + 3 * DAY) is None


def test_a_version_counts_once_it_begins_though_it_was_published_before() -> None:
    """REL-72: a comparison before it began says nothing of it."""
    later = replace(POLICY, effective_at=MADE + 10 * DAY)
    found = standing(later, HANDED)
    assert code_of(found, MADE + 9 * DAY) is None
    assert code_of(found, MADE + 10 * DAY) == "release/stale"
    before = standing(before=(later,))
    assert code_of(before, MADE + 9 * DAY) is None
    assert code_of(before, MADE + 10 * DAY) == "release/stale"


def test_a_revision_is_as_old_as_its_decision_and_not_as_its_entry() -> None:
    """REL-69: what began between the decision and the entry nobody has compared it with."""
    begins = replace(POLICY, effective_at=MADE + 5 * DAY // 2)
    due = replace(DUE, ledger_size=9)
    revised = replace(REVISED, ledger_size=9)
    for at, code in ((2 * DAY, "release/stale"), (5 * DAY // 2, None), (3 * DAY, None)):
        found = standing(begins, replace(due, at=MADE + at), revised, DONE)
        assert code_of(found) == code, at
    # Where nobody says when, it may have been at once after the last entry that it heeds.
    assert code_of(standing(begins, due, revised, DONE)) == "release/stale"
    assert code_of(standing(begins, due, replace(revised, ledger_size=10), DONE)) == (
        "release/stale"
    )
    assert code_of(standing(begins, due, DUE, replace(revised, ledger_size=11), DONE)) is None


def test_a_release_is_as_old_as_the_last_entry_that_it_heeds() -> None:
    """REL-69: it is entered when its files are there, long after it was decided."""
    entries = [
        Said(index=6, time=MADE - 3 * DAY, says=replace(POLICY, effective_at=MADE - DAY)),
        Said(index=7, time=MADE, says=CREATED),
    ]
    assert code_of(standing_of("corpus", entries, heeded=MADE - 2 * DAY)) == "release/stale"
    assert code_of(standing_of("corpus", entries, heeded=MADE - DAY)) is None


def test_what_was_known_before_and_changes_by_itself_is_said_by_the_release() -> None:
    """REL-69: entries from before the release are not read."""
    created = replace(CREATED, scheduled=(MADE + 10 * DAY, MADE + 30 * DAY))

    def stands(*says: PublicKind) -> Standing:
        return standing_of(
            "corpus",
            [
                Said(index=7 + day, time=MADE + day * DAY, says=one)
                for day, one in enumerate((created, *says))
            ],
            heeded=MADE,
        )

    assert code_of(stands(), MADE + 10 * DAY - 1) is None
    assert code_of(stands(), MADE + 10 * DAY) == "release/stale"
    looked = stands(*[EndedRelease(release="other", why="expired")] * 10, HANDED)
    assert code_of(looked, MADE + 30 * DAY - 1) is None
    assert code_of(looked, MADE + 30 * DAY) == "release/stale"
    # Of a rule of later, the taking back says when it changes once more.
    due = replace(DUE, ledger_size=9, at=MADE + DAY, scheduled=(MADE + 4 * DAY,))
    taken = stands(due, REVISED, DONE)
    assert code_of(taken, MADE + 4 * DAY - 1) is None
    assert code_of(taken, MADE + 4 * DAY) == "release/stale"


@pytest.mark.parametrize(
    "says",
    [
        [replace(START, ledger_size=10**9)],
        [replace(DUE, ledger_size=9), replace(REVISED, ledger_size=10**9), DONE],
    ],
    ids=["a run", "a revision"],
)
def test_what_comes_after_an_entry_it_did_not_heed(says: list[PublicKind]) -> None:
    """REL-72."""
    assert code_of(standing(*says)) is None
    assert code_of(standing(*says, POLICY)) == "release/stale"
    created = replace(CREATED, ledger_size=10**9)
    later: list[PublicKind] = [created, POLICY]
    entries = [
        Said(index=7 + day, time=MADE + day * DAY, says=one) for day, one in enumerate(later)
    ]
    assert code_of(standing_of("corpus", entries, heeded=MADE)) == "release/stale"


def test_a_revision_that_heeds_less_than_its_release_is_read() -> None:
    """REL-69."""
    assert code_of(standing(DUE, replace(REVISED, ledger_size=2), DONE)) is None
    assert code_of(standing(DUE, replace(REVISED, ledger_size=2), DONE, POLICY)) == (
        "release/stale"
    )


@pytest.mark.parametrize("says", [HANDED, START], ids=["hand-over", "run"])
def test_what_confirms_an_earlier_revision_confirms_no_later_one(says: PublicKind) -> None:
    """REL-72."""
    assert code_of(standing(POLICY, says)) is None
    assert code_of(standing(DUE, REVISED, DONE, POLICY, says)) == "release/stale"


def test_a_run_on_another_release_confirms_nothing_of_this_one() -> None:
    """REL-72."""
    other = replace(START, releases=(("other", 1),))
    assert code_of(standing(POLICY, other)) == "release/stale"


def test_a_release_ends_by_itself_at_its_instant() -> None:
    """REL-62."""
    assert code_of(standing(), MADE + 50 * DAY - 1) is None
    assert code_of(standing(), MADE + 50 * DAY) == "release/expired"


def test_a_copy_is_held_to_the_newest_revision() -> None:
    """REL-71."""
    now = standing(DUE, REVISED, DONE)
    check_revision(described(REVISED), newest=now.revision, content=now.content)
    wrong: list[tuple[CreatedRelease | RevisedRelease, str]] = [
        (CREATED, "release/revoked"),
        (replace(REVISED, content=CONTENT), "release/tampered"),
        (replace(REVISED, content=replace(LESS, members_root=b"\7" * 32)), "release/tampered"),
        (replace(REVISED, revision=3), "release/tampered"),
    ]
    for says, code in wrong:
        with pytest.raises(PrivityError) as caught:
            check_revision(described(says), newest=now.revision, content=now.content)
        assert caught.value.code == code


def test_a_release_that_no_entry_made_is_none() -> None:
    with pytest.raises(PrivityError) as caught:
        standing_of("other", [Said(index=0, time=0, says=CREATED)], heeded=0)
    assert caught.value.code == "release/not-entered"


@pytest.mark.parametrize(
    ("detail", "role", "stops"),
    [
        ({}, "third-party", True),
        ({"recipients": ["third-party"]}, "third-party", True),
        ({"recipients": ["controller"]}, "third-party", False),
        ({"purposes": ["model-training"]}, "third-party", True),
        ({"purposes": ["personalisation"]}, "third-party", False),
        # A part of it is made due, and not the whole stopped.
        ({"categories": ["inmail"]}, "third-party", False),
        ({"jurisdictions": ["FR"]}, "third-party", False),
        # What nobody understands stops everything.
        ({"jurisdictions": []}, "third-party", True),
    ],
    ids=str,
)
def test_an_order_stops_a_release_that_all_of_its_lists_overlap(
    detail: dict[str, list[str]], role: str, *, stops: bool
) -> None:
    """REL-63."""
    order = Fact(
        member=None, fact="order", value="o1", at=MADE, recorded_at=MADE, detail=detail
    )
    if not stops:
        check_orders(CREATED, [order], role, NOW)
        return
    with pytest.raises(PrivityError) as caught:
        check_orders(CREATED, [order], role, NOW)
    assert caught.value.code == "release/stopped"
