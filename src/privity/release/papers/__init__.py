# SPDX-License-Identifier: Apache-2.0
"""What goes with a release: its card, its metadata, its statement and its certificate (specs/release.md, part 3)."""
