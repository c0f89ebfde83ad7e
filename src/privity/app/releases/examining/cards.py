# SPDX-License-Identifier: Apache-2.0
"""Read the card of a release in a workspace, as it was signed ([REL-54])."""

from __future__ import annotations

from dataclasses import dataclass

from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.register import register_of
from privity.app.workspace.parts import Workspace
from privity.release.papers.making import Making
from privity.release.papers.writing import read_card
from privity.store.files import unreachable


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """What a release's card says.

    Attributes:
        text: It in Markdown.
        making: How the release was made, with the numbers that are shown.
    """

    text: str
    making: Making


def card_of(workspace: Workspace, name: str) -> Card:
    """Read a release's card.

    Raises:
        InputError: The log names no such release.
        VerificationError: The card is not what was signed with the release.
        UnavailableError: It cannot be read.
    """
    state = register_of(workspace).release(name)
    folder = ReleasePlaces.of(workspace.places, state.name).folder.root
    try:
        text, making = read_card(folder, state.created.says.key)
    except OSError as error:
        raise unreachable(folder, error) from error
    return Card(text=text, making=making)
