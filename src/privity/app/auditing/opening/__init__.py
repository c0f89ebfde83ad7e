# SPDX-License-Identifier: Apache-2.0
"""Audits: what was shown, opened as evidence and held to the log (specs/audit.md, part 1)."""
