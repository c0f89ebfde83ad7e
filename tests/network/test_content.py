# SPDX-License-Identifier: Apache-2.0
"""What is written is a record: it is never changed, what stands in it is quoted, and only its author touches it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.network.conftest import Join

if TYPE_CHECKING:
    from django.test import Client


def records(**wanted: Any) -> list[Any]:
    from network.content.models import Record  # noqa: PLC0415 - Django is set up by now

    return list(Record.objects.filter(**wanted).order_by("id"))


def posted(browser: Client, text: str) -> Any:
    answer = browser.post("/", {"text": text})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    return records(text=text)[0]


def test_a_post_is_on_the_pages_of_its_author(join: Join) -> None:
    ana = join()
    record = posted(ana, "A first word <b>to all</b>")
    assert (record.category, record.author.name) == ("post", "Ana Ruiz")
    page = ana.get("/").content
    assert b"A first word &lt;b&gt;to all&lt;/b&gt;" in page
    assert ana.get(f"/records/{record.pk}/").status_code == 200


def test_a_feed_has_what_connections_wrote_and_nobody_else(join: Join) -> None:
    ana, ben = join(), join(name="Ben Okafor", email="ben@example.com")
    posted(ana, "of Ana")
    assert b"of Ana" not in ben.get("/").content
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now
    from network.people.circle import ask_for  # noqa: PLC0415 - likewise

    first, second = Account.objects.order_by("pk")
    ask_for(first, second)
    assert b"of Ana" not in ben.get("/").content
    ask_for(second, first)  # who asks the one who asked accepts
    assert b"of Ana" in ben.get("/").content


def test_an_edited_record_is_another_that_quotes_the_first(join: Join) -> None:
    ana = join()
    record = posted(ana, "frist")
    ana.post(f"/records/{record.pk}/", {"text": "look here"})
    answer = ana.post(f"/records/{record.pk}/edit/", {"text": "first"})
    (later,) = records(text="first")
    assert answer.headers["Location"] == f"/records/{later.pk}/"
    assert list(later.quotes.all()) == [record]
    (before,) = records(text="frist")
    assert before.hidden_at is not None
    page = ana.get(f"/records/{later.pk}/").content
    assert b"look here" in page
    assert b"frist" not in page
    assert ana.get(f"/records/{record.pk}/").status_code == 404


def test_a_quotation_names_what_stands_in_it(join: Join) -> None:
    ana, ben = join(), join(name="Ben Okafor", email="ben@example.com")
    record = posted(ana, "a thought")
    ben.post(f"/records/{record.pk}/quote/", {"text": "I agree"})
    (quoter,) = records(text="I agree")
    assert list(quoter.quotes.all()) == [record]
    assert b"a thought" in ben.get(f"/records/{quoter.pk}/").content


def test_an_article_has_a_title_and_a_comment_belongs_to_it(join: Join) -> None:
    ana = join()
    assert b"errorlist" in ana.post("/articles/write/", {"text": "no title"}).content
    ana.post("/articles/write/", {"title": "On tea", "text": "It is hot."})
    (article,) = records(category="article")
    ana.post(f"/records/{article.pk}/", {"text": "Not always."})
    (comment,) = records(category="comment")
    assert comment.on == article
    assert b"1 comment" in ana.get("/").content


def test_what_is_taken_off_stays_a_record_and_leaves_the_pages(join: Join) -> None:
    ana = join()
    record = posted(ana, "never mind")
    ana.post(f"/records/{record.pk}/take-off/")
    assert b"never mind" not in ana.get("/").content
    assert len(records(text="never mind")) == 1


@pytest.mark.parametrize("act", ["edit", "take-off"])
def test_nobody_touches_what_another_wrote(join: Join, act: str) -> None:
    ana, ben = join(), join(name="Ben Okafor", email="ben@example.com")
    record = posted(ana, "mine")
    assert ben.post(f"/records/{record.pk}/{act}/", {"text": "yours"}).status_code == 404
    assert len(records(hidden_at=None)) == 1


def test_a_page_of_the_feed_ends_and_the_next_one_goes_on(join: Join) -> None:
    ana = join()
    for number in range(23):
        posted(ana, f"post number {number:02}")
    first, second = ana.get("/").content, ana.get("/?page=2").content
    assert b"post number 22" in first
    assert b"post number 02" not in first
    assert b"post number 02" in second
    piece = ana.get("/?page=2", headers={"HX-Request": "true"}).content
    assert b"<html" not in piece
    assert b"post number 02" in piece


def test_a_message_is_to_somebody_and_a_post_to_nobody(join: Join) -> None:
    join()
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now
    from network.content.models import Category  # noqa: PLC0415 - likewise
    from network.content.writing import write  # noqa: PLC0415 - likewise

    ana = Account.objects.get()
    with pytest.raises(ValueError, match="expected somebody for a message"):
        write(ana, Category.INMAIL, "hello")
    with pytest.raises(ValueError, match="expected somebody for a message"):
        write(ana, Category.POST, "hello", addressees=[ana])


def test_however_often_it_is_edited_a_form_quotes_the_one_before(join: Join) -> None:
    ana, ben = join(), join(name="Ben Okafor", email="ben@example.com")
    quoted = posted(ben, "said by Ben")
    ana.post(f"/records/{quoted.pk}/quote/", {"text": "form 0"})
    (later,) = records(text="form 0")
    for number in range(1, 5):
        before = later
        ana.post(f"/records/{before.pk}/edit/", {"text": f"form {number}"})
        (later,) = records(text=f"form {number}")
        # It shows what the first one quoted, and stands on all forms by the last of them.
        assert set(later.quotes.all()) == {quoted, before}
    assert b"said by Ben" in ana.get(f"/records/{later.pk}/").content
    ben.post(f"/records/{quoted.pk}/take-off/")
    ana.post(f"/records/{later.pk}/edit/", {"text": "form 5"})
    (last,) = records(text="form 5")
    assert set(last.quotes.all()) == {later}
    assert b"said by Ben" not in ana.get(f"/records/{last.pk}/").content


def test_what_is_said_to_something_that_was_just_taken_off_is_not_lost(join: Join) -> None:
    ana, ben = join(), join(name="Ben Okafor", email="ben@example.com")
    record = posted(ana, "never mind")
    ana.post(f"/records/{record.pk}/take-off/")
    assert ben.post(f"/records/{record.pk}/", {"text": "but I do"}).status_code == 404
    assert not records(text="but I do")
