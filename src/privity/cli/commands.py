# SPDX-License-Identifier: Apache-2.0
"""A command that takes each option once, unless it says that it takes several.

The parser keeps the last of several values. Of two files of facts, two places of an order, that would be to drop what
somebody said, without a word.
"""

from __future__ import annotations

from collections import Counter

import click


class Command(click.Command):
    """A command; an option that is given twice, and is not to be, is an error of usage."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what was typed after the command's name."""
        if not ctx.resilient_parsing:
            _, _, order = self.make_parser(ctx).parse_args(args=list(args))
            for given, times in Counter(order).items():
                if times > 1 and isinstance(given, click.Option) and not _takes_several(given):
                    ctx.fail(f"`{given.opts[-1]}` is given {times} times, expected once")
        return super().parse_args(ctx, args)


def _takes_several(option: click.Option) -> bool:
    """Tell whether nothing is lost when an option is there twice."""
    return option.multiple or option.count or (option.is_flag and not option.secondary_opts)
