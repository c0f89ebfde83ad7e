# SPDX-License-Identifier: Apache-2.0
"""What was done with whose records, found out from the evidence by whoever need not trust its holder (specs/audit.md).

Nothing here is shared with what makes releases: records are decided again by `privity.decide.one`, over what
`privity.ledger.verify` has verified.
"""
