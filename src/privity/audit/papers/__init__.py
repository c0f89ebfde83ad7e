# SPDX-License-Identifier: Apache-2.0
"""The forms of an audit's report that people read (specs/audit.md, part 6)."""
