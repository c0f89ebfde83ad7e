# SPDX-License-Identifier: Apache-2.0
"""A table's binding says what its columns tell of members, and says nothing that is passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from privity.errors import InputError
from privity.sources.table_binding import load_table_binding, parse_table_binding

AS_OF = "2025-06-01T00:00:00Z"
START = f'as_of = {AS_OF}\nmember = "id"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "`table` is missing"),
        (
            'table = "scd2"',
            "`table` is `scd2`, expected one of `current`, `periods`, `changes`",
        ),
        (f'table = "current"\n{START}', "no `[[fact]]`, expected at least one"),
        (f'table = "current"\n{START}from = "x"', "unknown key `from`"),
        ('table = "current"\nmember = "id"\n[[fact]]\nfact = "joined"', "`as_of` is missing"),
        (
            'table = "changes"\nat = "x"\nmember = "id"\n[[fact]]\nfact = "joined"',
            "or `recorded_at`",
        ),
        (f'table = "periods"\n{START}from = "x"\n[[fact]]\nfact = "joined"', "`to` is missing"),
        (
            f'table = "current"\nas_of = {AS_OF}\n[[fact]]\nfact = "joined"',
            "`member` is missing",
        ),
        (
            f'table = "current"\n{START}[[fact]]\nfact = "joind"',
            "`fact[0]`: unknown fact `joind`",
        ),
        (
            f'table = "current"\n{START}[[fact]]\nfact = "joined"\nvalue = "x"',
            "unknown key `fact[0].value`",
        ),
        (f'table = "current"\n{START}[[fact]]\nfact = "notice"', "`fact[0].value` is missing"),
        (
            f'table = "current"\n{START}[[fact]]\nfact = "setting"\nvalue = "on"',
            "setting` is missing",
        ),
        (
            f'table = "current"\n{START}[[fact]]\nfact = "setting"\nsetting = "s"\nvalue = "on"\nmethod = "said"',
            "unknown method `said`",
        ),
        (
            f'table = "current"\n{START}[[fact]]\nfact = "jurisdiction"\nvalue = {{values = {{}}}}',
            "`fact[0].value.column` is missing",
        ),
        (
            f'table = "current"\n{START}[[fact]]\nfact = "birth_date"\nvalue = "1990"',
            "`1990` is no date",
        ),
        (
            f'table = "current"\n{START}[[fact]]\nfact = "joined"\nwhere = {{column = "x"}}',
            "`fact[0].where.is` is missing",
        ),
        (
            f'table = "current"\nzone = "Mars"\n{START}[[fact]]\nfact = "joined"',
            "`zone` is `Mars`",
        ),
        (
            'table = "current"\nas_of = 2025-06-01\nmember = "x"\n[[fact]]\nfact = "joined"',
            "`as_of`: `2025-06-01` is no instant",
        ),
    ],
)
def test_a_binding_is_strict(text: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_table_binding(text, source="binding.toml")
    assert says in str(caught.value)
    assert str(caught.value).startswith("binding.toml")


def test_a_binding_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read the binding: No such file"):
        load_table_binding(tmp_path / "none.toml")
