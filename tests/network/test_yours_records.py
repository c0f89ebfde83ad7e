# SPDX-License-Identifier: Apache-2.0
"""What may be used of hers, and why one record may or may not: said to its parties, and to nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.network.conftest import GoTo, Join
from tests.network.reading import read_notice
from tests.network.test_yours_releases import text_of

from privity.testing.plain import SETTING

if TYPE_CHECKING:
    from django.test import Client

YOURS = "/privacy/"
PAGE = "/privacy/records/"
TWO = "This message has only two parties, you and one other."


def account(name: str) -> Any:
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now

    return Account.objects.get(name=name)


@pytest.fixture
def both(join: Join, go_to: GoTo) -> tuple[Client, Client]:
    """Ana and Ben, who are connected and were told."""
    ana, ben = join(), join(name="Ben Okafor", email="ben@example.com")
    from network.people.circle import ask_for  # noqa: PLC0415 - Django is set up by now

    ask_for(account("Ana Ruiz"), account("Ben Okafor"))
    ask_for(account("Ben Okafor"), account("Ana Ruiz"))
    go_to("2024-10-01T00:00:00+00:00")
    for one in (ana, ben):
        read_notice(one)
    go_to("2024-12-01T00:00:00+00:00")
    return ana, ben


def say(browser: Client, choice: str) -> None:
    said = {"setting": SETTING, "choice": choice}
    assert browser.post("/settings/ai/", said).status_code == 302


def of(name: str, category: str) -> int:
    found: int = account(name).records.filter(category=category).latest("pk").pk
    return found


def test_the_page_says_by_category_and_recipient_what_may_be_used(
    both: tuple[Client, Client], go_to: GoTo
) -> None:
    ana, _ = both
    shown = text_of(ana, YOURS)
    assert "self (the company that runs the service)" in shown
    assert "what you write now: yes" in shown
    assert "that cannot be hidden" in shown
    say(ana, "off")
    go_to("2024-12-02T00:00:00+00:00")
    shown = text_of(ana, YOURS)
    assert "what you write now: yes" not in shown
    assert "You have “Data for Generative AI Improvement” switched off" in shown


def test_a_page_has_less_than_a_hundred_kilobytes(both: tuple[Client, Client]) -> None:
    ana, _ = both
    for address in (YOURS, PAGE, "/privacy/releases/", "/privacy/receipts/"):
        assert len(ana.get(address).content) < 100_000


def test_a_post_is_explained_to_who_wrote_it_and_to_nobody_else(
    both: tuple[Client, Client],
) -> None:
    ana, ben = both
    ana.post("/", {"text": "for all"})
    number = of("Ana Ruiz", "post")
    assert f"{number} post for all" in text_of(ana, PAGE)
    assert f"Ask about number {number}" in text_of(ana, PAGE)
    shown = text_of(ana, f"{PAGE}{number}/")
    assert "What post for all Made" in shown
    assert "may use it" in shown
    assert "you alone" in shown
    assert ben.get(f"{PAGE}{number}/").status_code == 404
    assert f"number {number}" not in text_of(ben, PAGE)


def test_one_thing_is_called_by_what_one_is_called(both: tuple[Client, Client]) -> None:
    ana, ben = both
    ana.post(f"/messages/{account('Ben Okafor').pk}/", {"text": "between us"})
    address = f"{PAGE}{of('Ana Ruiz', 'direct-message')}/"
    for page in (PAGE, address):
        assert "direct message between us" in text_of(ben, page)
    ben.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    for page in (PAGE, address):
        assert "Direktnachricht between us" in text_of(ben, page)
    # Of all of them together it is said by what they are called together.
    assert "direct messages" in text_of(ana, YOURS)


@pytest.mark.parametrize("wanted", ["0", "-1", "x", "9" * 40, "\u0661", "1e3", " 1"])
def test_what_is_no_record_of_hers_is_not_found(
    both: tuple[Client, Client], wanted: str
) -> None:
    assert both[0].get(f"{PAGE}{wanted}/").status_code == 404


def test_both_ends_of_a_message_read_why_and_are_told_honestly_whose_no_it_is(
    both: tuple[Client, Client], go_to: GoTo
) -> None:
    ana, ben = both
    say(ana, "on")
    say(ben, "on")
    go_to("2024-12-03T00:00:00+00:00")
    ana.post(f"/messages/{account('Ben Okafor').pk}/", {"text": "between us"})
    address = f"{PAGE}{of('Ana Ruiz', 'direct-message')}/"
    for one in both:
        assert "may use it" in text_of(one, address)
        assert TWO not in text_of(one, address)
    say(ben, "off")
    go_to("2024-12-04T00:00:00+00:00")
    hers, his = text_of(ana, address), text_of(ben, address)
    assert "may not use it" in hers
    assert TWO in hers
    assert "switched off" not in hers
    assert "switched off" in his
    assert TWO not in his


def test_a_quotation_of_one_is_honest_and_says_no_reason(
    both: tuple[Client, Client], go_to: GoTo
) -> None:
    ana, ben = both
    ben.post("/", {"text": "said by Ben"})
    ana.post(f"/records/{of('Ben Okafor', 'post')}/quote/", {"text": "look"})
    say(ben, "off")
    go_to("2024-12-04T00:00:00+00:00")
    shown = text_of(ana, f"{PAGE}{of('Ana Ruiz', 'post')}/")
    assert "may not use it" in shown
    # There is nobody but Ben whose no it could be, and nothing says that it is one.
    assert "Besides you only one other person is asked here" in shown
    assert "switched off" not in shown
    assert TWO not in shown


def test_many_records_are_listed_page_by_page(both: tuple[Client, Client]) -> None:
    ana, _ = both
    for number in range(25):
        ana.post("/", {"text": f"post {number}"})
    assert "Page 1 of 3" in text_of(ana, PAGE)
    assert "Page 2 of 3" in text_of(ana, f"{PAGE}?page=2")
    assert "Page 3 of 3" in text_of(ana, f"{PAGE}?page=99")


def test_a_platform_that_names_no_records_has_no_such_pages(
    both: tuple[Client, Client], settings: Any
) -> None:
    bare = {key: one for key, one in settings.PRIVITY.items() if not key.startswith("record")}
    settings.PRIVITY = bare
    ana, _ = both
    assert ana.get(PAGE).status_code == 404
    assert ana.get(f"{PAGE}1/").status_code == 404
    assert "Ask about one thing" not in text_of(ana, YOURS)
    assert "does not say which records are yours" in text_of(ana, "/privacy/releases/")


def test_a_record_is_known_again_by_how_it_begins_and_nothing_quoted_is_shown(
    both: tuple[Client, Client],
) -> None:
    ana, ben = both
    ana.post(
        f"/messages/{account('Ben Okafor').pk}/",
        {"text": "<b>only</b> for Ben" + " and on" * 40},
    )
    number = of("Ana Ruiz", "direct-message")
    for page in (PAGE, f"{PAGE}{number}/"):
        shown = ana.get(page).content.decode()
        assert "&lt;b&gt;only&lt;/b&gt; for Ben and on" in shown
        assert "and on" * 40 not in shown
    # Whoever quotes it is shown what was added, and of what is quoted nothing.
    post = account("Ben Okafor").records.create(
        category="post",
        text="see what came",
        created_at=account("Ana Ruiz").records.get(pk=number).created_at,
    )
    post.quotes.add(number)
    assert "for Ben and on" not in ben.get(f"{PAGE}{post.pk}/").content.decode()
    assert "see what came" in ben.get(PAGE).content.decode()
