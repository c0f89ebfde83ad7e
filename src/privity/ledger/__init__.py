# SPDX-License-Identifier: Apache-2.0
"""A Merkle log over opaque bytes, in the formats of C2SP (specs/ledger.md). It knows no word of Privity."""
