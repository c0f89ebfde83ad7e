# SPDX-License-Identifier: Apache-2.0
"""Worlds for tests, ours and yours: seeded random policies, facts, records and requests."""
