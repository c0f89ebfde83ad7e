# SPDX-License-Identifier: Apache-2.0
"""Audits: what others get, so that they find the same: reports and bundles, signed and verified (specs/audit.md, parts 6 and 7)."""
