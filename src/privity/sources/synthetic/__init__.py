# SPDX-License-Identifier: Apache-2.0
"""A made-up professional network of any size: `privity synth` (docs/synth.md).

Everything is a function of the seed, the sizes and a number (a member's, a block's), so that any part
can be made alone, in any order, with memory for one block. It decides nothing: it makes the facts and
records that a platform would hold, good and bad.
"""
