# SPDX-License-Identifier: Apache-2.0
"""Audits: what is asked, read and answered from evidence, whoever opened it (specs/audit.md, parts 2 to 5)."""
