# SPDX-License-Identifier: Apache-2.0
"""The pages of the feed, and of what is written to everybody."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from network.accounts.asking import Asking
from network.content.feed import comments_on, feed_of, own, shown
from network.content.forms import ArticleForm, CommentForm, PostForm
from network.content.models import Category, Record
from network.content.paging import part_of
from network.content.writing import hide, rewrite, write


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: Asking) -> HttpResponse:
    """Show the feed, and take a post."""
    form = PostForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        write(request.user, Category.POST, form.cleaned_data["text"])
        messages.success(request, _("Your post is on the pages."))
        return redirect("home")
    page = part_of(feed_of(request.user), request.GET.get("page"))
    template = "network/feed_page.html" if _more(request) else "network/home.html"
    return render(request, template, {"form": form, "page": page})


def _more(request: Asking) -> bool:
    """Tell whether a script asks for what follows, and not a person for a page."""
    return bool(getattr(request, "htmx", False)) and "page" in request.GET


@require_http_methods(["GET", "HEAD", "POST"])
def write_article(request: Asking) -> HttpResponse:
    """Write an article."""
    form = ArticleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        record = write(request.user, Category.ARTICLE, said["text"], title=said["title"])
        return redirect("record", record.pk)
    return render(
        request, "network/write.html", {"form": form, "heading": _("Write an article")}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def read(request: Asking, number: int) -> HttpResponse:
    """Show a post or an article with its comments, and take a comment."""
    record = get_object_or_404(shown(), pk=number)
    form = CommentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            # It may have been taken off meanwhile, or have another form: what is said to it would be lost.
            record = get_object_or_404(shown(), pk=number)
            write(request.user, Category.COMMENT, form.cleaned_data["text"], on=record)
        return redirect("record", record.pk)
    comments = part_of(comments_on(record), request.GET.get("page"))
    return render(
        request,
        "network/record.html",
        {"record": record, "comments": comments, "form": form},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def quote(request: Asking, number: int) -> HttpResponse:
    """Write a post in which another stands."""
    record = get_object_or_404(shown(), pk=number)
    form = PostForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = write(request.user, Category.POST, form.cleaned_data["text"], quotes=[record])
        return redirect("record", made.pk)
    return render(
        request,
        "network/write.html",
        {"form": form, "heading": _("Quote this"), "quoted": record},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Asking, number: int) -> HttpResponse:
    """Put another form in the place of what one wrote."""
    record = get_object_or_404(own(request.user), pk=number)
    form = _form_of(record)(request.POST or None, initial=_said(record))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        later = rewrite(record, said["text"], title=said.get("title", ""))
        if later is None:
            raise Http404
        return redirect("record", (later.on or later).pk)
    return render(request, "network/write.html", {"form": form, "heading": _("Edit")})


@require_POST
def take_off(request: Asking, number: int) -> HttpResponse:
    """Take off the pages what one wrote."""
    record = get_object_or_404(own(request.user), pk=number)
    hide(record)
    messages.success(request, _("It is no longer on the pages."))
    return redirect("home") if record.on is None else redirect("record", record.on.pk)


def _form_of(record: Record) -> type[ArticleForm | PostForm | CommentForm]:
    forms: dict[str, type[ArticleForm | PostForm | CommentForm]] = {
        Category.ARTICLE: ArticleForm,
        Category.COMMENT: CommentForm,
    }
    return forms.get(record.category, PostForm)


def _said(record: Record) -> dict[str, Any]:
    return {"title": record.title, "text": record.text}
