# SPDX-License-Identifier: Apache-2.0
"""Who is in the demo, and what they write in its first days. Nobody of them lives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_noop

from network.content.models import Category
from network.demo.people import Place

PLACES: Final = (
    Place(
        name="Maya Brooks",
        country="US",
        zone="America/New_York",
        headline="Supply planner, Premium member",
        paying=True,
    ),
    Place(
        name="Daniel Ortega",
        country="US",
        zone="America/Chicago",
        headline="Maintenance engineer",
    ),
    Place(
        name="Grace Whitfield",
        country="US",
        zone="America/Denver",
        headline="Was told, and said nothing",
        yes=False,
    ),
    Place(
        name="Tom Albright",
        country="US",
        zone="America/Los_Angeles",
        headline="Has a notice to read first",
        told=False,
    ),
    Place(
        name="Emma Fairley",
        country="GB",
        zone="Europe/London",
        headline="Contracts lawyer, Premium member",
        paying=True,
    ),
    Place(
        name="Oliver Nash",
        country="GB",
        zone="Europe/London",
        headline="Has a notice to read first",
        told=False,
    ),
    Place(
        name="Lena Vogt", country="DE", zone="Europe/Berlin", headline="Data protection officer"
    ),
    Place(
        name="Jonas Reuter",
        country="DE",
        zone="Europe/Berlin",
        headline="Has a notice to read first",
        told=False,
    ),
    Place(
        name="Mei Chan", country="HK", zone="Asia/Hong_Kong", headline="Runs a design studio"
    ),
    Place(
        name="Kelvin Lau",
        country="HK",
        zone="Asia/Hong_Kong",
        headline="Has a notice to read first",
        told=False,
    ),
    Place(
        name="Camille Roux",
        country="FR",
        zone="Europe/Paris",
        headline="Recruiter, Premium member",
        paying=True,
    ),
    Place(
        name="Ananya Rao",
        country="IN",
        zone="Asia/Kolkata",
        headline="Backend developer, Premium member",
        paying=True,
    ),
    Place(name="Rohan Mehta", country="IN", zone="Asia/Kolkata", headline="Statistician"),
    Place(
        name="Noah Tremblay",
        country="CA",
        zone="America/Toronto",
        headline="Freight broker, Premium member",
        paying=True,
    ),
    Place(name="Sofia Almeida", country="BR", zone="America/Sao_Paulo", headline="Agronomist"),
    Place(name="Haruto Ito", country="JP", zone="Asia/Tokyo", headline="Machine builder"),
    Place(name="Nora Frei", country="CH", zone="Europe/Zurich", headline="Actuary"),
    Place(name="Ruby Carver", country="AU", zone="Australia/Sydney", headline="Teacher"),
    Place(name="Aoife Byrne", country="IE", zone="Europe/Dublin", headline="Translator"),
    Place(
        name="Robin Keller",
        country="",
        zone="Asia/Manila",
        headline="Said yes, and then took it back",
    ),
)
"""The last is whoever took back, in the demo's ledger, what she had agreed to."""

LABELS: Final = (
    gettext_noop("Data for Generative AI Improvement"),
    gettext_noop("Public posts for research partners"),
)
"""What the demo's policies call their settings: as any platform, this one has its own words in its own catalogue."""

CONNECTED: Final = (
    ("Maya", "Daniel"),
    ("Maya", "Lena"),
    ("Maya", "Emma"),
    ("Maya", "Robin"),
    ("Daniel", "Grace"),
    ("Daniel", "Robin"),
    ("Emma", "Lena"),
    ("Emma", "Camille"),
    ("Lena", "Nora"),
    ("Mei", "Kelvin"),
    ("Mei", "Haruto"),
    ("Ananya", "Rohan"),
    ("Camille", "Aoife"),
    ("Noah", "Sofia"),
    ("Noah", "Ruby"),
    ("Oliver", "Emma"),
    ("Tom", "Grace"),
    ("Jonas", "Lena"),
)
ASKED: Final = (("Ananya", "Maya"), ("Haruto", "Maya"), ("Noah", "Lena"))
"""Who asked whom, and waits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One thing that somebody writes.

    Attributes:
        at: When.
        who: The first name of whoever writes.
        text: What it says.
        category: What kind it is.
        title: Its title or subject.
        to: The first name of whom it is to, for a message.
        on: The place, in this list, of what it is about.
        quotes: The place of what stands in it.
    """

    at: str
    who: str
    text: str
    category: Category = Category.POST
    title: str = ""
    to: str = ""
    on: int | None = None
    quotes: int | None = None


SAID: Final = (
    Said(
        at="2026-05-03T07:10:00Z",
        who="Lena",
        text="I read the notice about research partners twice. Nothing is on by default this time. That is how asking looks.",
    ),
    Said(
        at="2026-05-03T08:02:00Z",
        who="Maya",
        text="Third week of the new forecast. It is wrong by a fifth, but it is wrong in the same direction every day, and that can be fixed.",
    ),
    Said(
        at="2026-05-03T08:40:00Z",
        who="Daniel",
        category=Category.COMMENT,
        on=1,
        text="A gauge that is always wrong by the same amount is a good gauge with a bad label.",
    ),
    Said(
        at="2026-05-03T10:15:00Z",
        who="Emma",
        category=Category.ARTICLE,
        title="What a promise in a contract is worth a year later",
        text="A subscription says that private messages go to no third party. A year later the subscription has ended. What was written under the promise keeps it, and so does what was received under it. Whoever drafts such a clause should say so in a sentence of its own, because readers do not ask lawyers before they write to a friend.",
    ),
    Said(
        at="2026-05-03T11:00:00Z",
        who="Robin",
        text="I said yes in March and took it back on the first of May. My page now shows what of mine had been handed over, and that the lab signed for deleting it.",
    ),
    Said(
        at="2026-05-03T11:30:00Z",
        who="Maya",
        category=Category.COMMENT,
        on=4,
        text="Did it say which records?",
    ),
    Said(
        at="2026-05-03T11:44:00Z",
        who="Robin",
        category=Category.COMMENT,
        on=4,
        text="Each of them, with the release that it was in.",
    ),
    Said(
        at="2026-05-03T12:20:00Z",
        who="Nora",
        text="Asked our risk team how many of last year's forecasts they had looked at again. The answer was a pause.",
    ),
    Said(
        at="2026-05-03T13:05:00Z",
        who="Lena",
        quotes=7,
        text="The same pause as when one asks who has a list of the releases.",
    ),
    Said(
        at="2026-05-03T14:00:00Z",
        who="Mei",
        text="Two new posters for the ferry terminal are up. If you take the morning boat, tell me whether they can be read from the gangway.",
    ),
    Said(
        at="2026-05-03T15:10:00Z",
        who="Ananya",
        text="We moved the nightly job to an hour when nobody is on call. Nobody was on call.",
    ),
    Said(
        at="2026-05-03T16:30:00Z",
        who="Noah",
        text="Looking for somebody in Toronto who has cleared machine parts through the port of Santos lately.",
    ),
    Said(
        at="2026-05-03T17:00:00Z",
        who="Daniel",
        text="The pump that I replaced in March is the only one that has not failed since. I would like to take credit, but the sample is one.",
    ),
    Said(
        at="2026-05-03T09:00:00Z",
        who="Maya",
        to="Daniel",
        category=Category.DIRECT_MESSAGE,
        text="Are you at the plant on Thursday? I would bring the new forecast.",
    ),
    Said(
        at="2026-05-03T09:20:00Z",
        who="Daniel",
        to="Maya",
        category=Category.DIRECT_MESSAGE,
        text="From ten. Bring the one of last month too, then we can compare.",
    ),
    Said(
        at="2026-05-03T18:00:00Z",
        who="Emma",
        to="Maya",
        category=Category.DIRECT_MESSAGE,
        text="Your question about the clause: what you got while you were Premium stays under it.",
    ),
    Said(
        at="2026-05-03T18:40:00Z",
        who="Camille",
        to="Ananya",
        category=Category.INMAIL,
        title="A role in Lyon",
        text="I look for somebody who has run a platform at night and slept. Would you talk for half an hour?",
    ),
    Said(
        at="2026-05-03T19:05:00Z",
        who="Noah",
        to="Sofia",
        category=Category.DIRECT_MESSAGE,
        text="Thank you for the contact in Santos. He called back in ten minutes.",
    ),
    Said(
        at="2026-05-03T20:00:00Z",
        who="Maya",
        to="Lena",
        category=Category.DIRECT_MESSAGE,
        quotes=15,
        text="Emma says this. Does it hold in Germany as well?",
    ),
)
