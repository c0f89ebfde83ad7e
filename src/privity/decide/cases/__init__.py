# SPDX-License-Identifier: Apache-2.0
"""Cases beside a policy: what it must come to, written down and decided like unit tests (specs/cases.md)."""
