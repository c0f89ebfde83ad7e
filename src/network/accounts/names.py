# SPDX-License-Identifier: Apache-2.0
"""What may stand in a line that others read: nothing that hides, or that turns round what stands beside it."""

from __future__ import annotations

import unicodedata
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Signs that say which way the text runs from here on, beyond their own line too."""
_EMPTY: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters, by their kind, that nobody sees."""


def one_line(text: str) -> None:
    """Refuse signs that break a line or turn it round.

    Raises:
        ValidationError: There is one.
    """
    if any(one in _TURNING or unicodedata.category(one) in {"Cc", "Zl", "Zp"} for one in text):
        raise ValidationError(_("This has a sign in it that cannot be shown."), code="sign")


def a_name(text: str) -> None:
    """Refuse what nobody can read as a name.

    Raises:
        ValidationError: There is no letter and no digit in it.
    """
    one_line(text)
    if not any(one.isalnum() and one not in _EMPTY for one in text):
        raise ValidationError(_("A name has a letter in it."), code="letter")
