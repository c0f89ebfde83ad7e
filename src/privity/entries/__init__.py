# SPDX-License-Identifier: Apache-2.0
"""What an entry of the ledger says: one module a kind, its public part and its private part (specs/entry.md)."""
