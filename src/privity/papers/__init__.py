# SPDX-License-Identifier: Apache-2.0
"""What every paper is written with: a release's card, an audit's report (specs/release.md, [REL-48]; specs/audit.md, [AUD-144])."""
