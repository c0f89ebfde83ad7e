# SPDX-License-Identifier: Apache-2.0
"""What a platform shows a member of one record, and of what she said, from an open workspace."""

from __future__ import annotations

import pytest
from tests.integration.test_live import Clock, clock, join, live, network, post_of

from privity.app.live import LiveWorkspace
from privity.decide.explain.consent import Said
from privity.errors import InputError
from privity.testing.plain import NOTICE, SETTING

__all__ = ["clock", "live", "network"]
USE = "genai-training"


def test_a_record_is_explained_by_what_was_recorded_last(
    live: LiveWorkspace, clock: Clock
) -> None:
    join(live, clock, "ana")
    clock.go_to("2025-01-01T00:00:00Z")
    (use,) = live.explain(post_of("ana"), "ana", purpose=USE).uses
    assert use.told.permit
    live.record("ana", "setting", "off", detail={"setting": SETTING})
    (use,) = live.explain(post_of("ana"), "ana", purpose=USE).uses
    assert [one.reason for one in use.told.causes] == ["opted-out"]


def test_a_record_and_its_decision_say_the_same(live: LiveWorkspace, clock: Clock) -> None:
    join(live, clock, "ana")
    clock.go_to("2025-01-01T00:00:00Z")
    for quoted in ((), ("gone",)):
        record = {**post_of("ana"), "quotes": quoted}
        decision = live.decide(record, purpose=USE, recipient="self")
        (use,) = live.explain(record, "ana", purpose=USE).uses
        assert use.told.permit == decision.permit
        assert {one.reason for one in use.told.causes} >= set(decision.reasons)


def test_whoever_is_no_party_reads_nothing_of_it(live: LiveWorkspace, clock: Clock) -> None:
    join(live, clock, "ana")
    with pytest.raises(InputError) as caught:
        live.explain(post_of("ana"), "ben", purpose=USE)
    assert caught.value.code == "explain/no-party"


def test_what_she_said_is_told_with_what_she_was_told(
    live: LiveWorkspace, clock: Clock
) -> None:
    join(live, clock, "ana")
    assert live.consents("ana", purpose=USE) == ()
    live.record("ana", "setting", "on", detail={"setting": SETTING, "scope": "all"})
    clock.go_to("2024-10-01T00:00:00Z")
    live.record("ana", "setting", "off", detail={"setting": SETTING})
    (consent,) = live.consents("ana", purpose=USE)
    assert [one.said for one in consent.events] == [Said.GIVEN, Said.WITHDRAWN]
    assert [one.notice for one in consent.notices] == [NOTICE]
    assert consent.codes == ("US",)
    assert live.consents("nobody", purpose=USE) == ()


def test_where_nothing_was_released_nobody_has_anything_of_hers(live: LiveWorkspace) -> None:
    assert live.releases("ana", records=["p1"]) == ()
