# SPDX-License-Identifier: Apache-2.0
"""Two are connected once one asked and the other accepted; who moves says so to the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.network.conftest import PASSWORD, GoTo, Join

import privity


def account(email: str) -> Any:
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now

    return Account.objects.get(email=email)


def test_who_is_asked_accepts(join: Join) -> None:
    ana, ben = join(), join(name="Ben Okafor", email="ben@example.com")
    first, second = account("ana@example.com"), account("ben@example.com")
    ana.post(f"/people/{second.pk}/connect/")
    (asked,) = first.asked_for.all()
    assert ana.post(f"/people/asked/{asked.pk}/accept/").status_code == 404
    assert b"Ana Ruiz" in ben.get("/people/").content
    ben.post(f"/people/asked/{asked.pk}/accept/")
    from network.people.circle import are_connected  # noqa: PLC0415 - Django is set up by now

    assert are_connected(first, second)
    assert b"connected" in ana.get(f"/people/{second.pk}/").content
    ana.post(f"/people/{second.pk}/disconnect/")
    assert not are_connected(first, second)


def test_nobody_is_connected_with_oneself(join: Join) -> None:
    ana = join()
    mine = account("ana@example.com")
    ana.post(f"/people/{mine.pk}/connect/")
    assert not mine.asked_for.exists()


def test_somebody_is_found_by_name(join: Join) -> None:
    ana = join()
    join(name="Ben Okafor", email="ben@example.com")
    assert b"Ben Okafor" in ana.get("/people/?name=okaf").content
    assert b"Ben Okafor" not in ana.get("/people/?name=o").content


def test_a_move_is_a_fact_and_a_profile_is_a_record(
    join: Join, go_to: GoTo, network: Path
) -> None:
    ana = join()
    go_to("2024-10-01T00:00:00+00:00")
    said = {"name": "Ana Ruiz", "headline": "Potter", "about": "", "zone": "Europe/Berlin"}
    answer = ana.post("/profile/", {**said, "country": "DE"})
    assert answer.status_code == 302
    mine = account("ana@example.com")
    with privity.open_workspace(network / "ledger") as workspace:
        view = workspace.view(mine.member, purpose="genai-training")
    assert view.state.codes == {"DE"}
    ana.post("/profile/", {**said, "country": "DE", "headline": "Potter and painter"})
    first, second = mine.records.filter(category="profile").order_by("id")
    assert list(second.quotes.all()) == [first]
    assert first.hidden_at is not None


def test_who_left_is_named_to_nobody_who_never_wrote_to_her(join: Join) -> None:
    ana = join()
    ben = join(name="Ben Okafor", email="ben@example.com")
    chi = join(name="Chi Lam", email="chi@example.com")
    mine, his, hers = (account(f"{one}@example.com") for one in ("ana", "ben", "chi"))
    ben.post(f"/people/{mine.pk}/connect/")
    ana.post(f"/people/{hers.pk}/connect/")
    ana.post("/", {"text": "for all"})
    post = mine.records.get()
    ben.post("/", {"text": "of Ben"})
    ana.post(f"/records/{his.records.get().pk}/quote/", {"text": "look"})
    chi.post(f"/records/{post.pk}/", {"text": "of Chi"})
    asked = his.asked_for.get()
    for one in (ben, chi):
        assert one.post("/account/close/", {"password": PASSWORD}).status_code == 302
    quoter = mine.records.get(text="look")
    pages = ["/", "/people/", "/people/?name=Ben+Okafor", "/people/?name=Chi+Lam", "/messages/",
             f"/records/{post.pk}/", f"/records/{quoter.pk}/"]  # fmt: skip
    for page in pages:
        text = ana.get(page).content.decode()
        for name in (
            "Ben Okafor</a>",
            '<p class="quiet">Ben',
            "Chi Lam</a>",
            "of Ben",
            "of Chi",
        ):
            assert name not in text, page
    assert ana.post(f"/people/asked/{asked.pk}/accept/").status_code == 404
    for left in (his, hers):
        for path in (f"/people/{left.pk}/", f"/messages/{left.pk}/"):
            assert ana.get(path).status_code == 404
        for path in ("connect", "disconnect"):
            assert ana.post(f"/people/{left.pk}/{path}/").status_code == 404
