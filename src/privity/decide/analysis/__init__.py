# SPDX-License-Identifier: Apache-2.0
"""What a change of policy opens and closes, found by asking the rule everything (specs/analysis.md)."""
