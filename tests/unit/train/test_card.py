# SPDX-License-Identifier: Apache-2.0
"""A card says what a model was made from, and never that something was unlearnt."""

from __future__ import annotations

from dataclasses import replace

from privity.train.card import Generation, Lineage, ReadByRun, TakenBack, model_card

READ = ReadByRun(
    release="feed",
    revision=1,
    newest=2,
    entry=40,
    purpose="genai-training",
    policy="promises 2024-09-18",
    records=1200,
    members=300,
    taken_back=(),
    why_ended=None,
)
MODEL = Generation(
    model="small",
    sha256="ab" * 32,
    entry=52,
    run="r1",
    recipient="lab",
    started=1_760_000_000,
    ended=1_760_000_060,
    how="completed",
    batches=50,
    batches_root="cd" * 32,
    code="ef" * 32,
    config="01" * 32,
    releases=(READ,),
)
TAKEN = TakenBack(revocation="v1", at=1_760_100_000, members=3, records=17, done=None)
LINEAGE = Lineage(origin="example.com/log", size=60, generations=(MODEL,), derived=())


def tuned() -> Lineage:
    """A model that goes on from one whose release lost something, itself on the newest revision."""
    base = replace(MODEL, releases=(replace(READ, taken_back=(TAKEN,)),))
    mine = replace(MODEL, model="tuned", releases=(replace(READ, revision=2),))
    return replace(LINEAGE, generations=(mine, base))


def test_a_card_names_releases_and_runs_with_their_entries() -> None:
    card = model_card(LINEAGE)
    assert card.startswith("# small\n")
    assert "| `small` | 52 | `abababababababab…` | `r1` | lab |" in card
    assert (
        "| `small` | `feed` | 1 | 40 | genai-training | promises 2024-09-18 | 1,200 | 300 |"
        in card
    )
    assert "Nothing, as far as the log knows." in card
    assert card == model_card(LINEAGE)


def test_what_a_base_read_shows_in_what_goes_on_from_it() -> None:
    # REL-91
    lineage = tuned()
    assert [(one.model, read.release) for one, read in lineage.tainted] == [("small", "feed")]
    card = model_card(lineage)
    assert "`tuned` ← `small`" in card
    assert "| `small` | `feed` | revision 1 | `v1` |" in card
    assert "is not undone" in card.replace("\n", " ")
    assert lineage.mapping()["tainted"] is True
    assert LINEAGE.mapping()["tainted"] is False


def test_the_values_for_json_have_instants_as_text() -> None:
    found = tuned().mapping()
    assert found["model"] == "tuned"
    (_, base) = found["generations"]
    assert base["started"] == "2025-10-09T08:53:20Z"
    assert base["releases"][0]["taken_back"][0]["at"] == "2025-10-10T12:40:00Z"
    assert base["releases"][0]["taken_back"][0]["done"] is None


def test_a_picture_of_the_loss_is_shown_where_it_was_trained_here() -> None:
    assert "loss.svg" not in model_card(LINEAGE)
    card = model_card(LINEAGE, training={"loss": "5.5 to 2.5 | less"})
    assert "![the loss of each step](loss.svg)" in card
    assert "| loss | 5.5 to 2.5 / less |" in card
