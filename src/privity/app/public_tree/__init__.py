# SPDX-License-Identifier: Apache-2.0
"""What anybody can do with the public tree of a log, wherever it lies, without its operator (docs/ledger.md)."""
