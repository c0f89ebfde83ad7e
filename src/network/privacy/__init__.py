# SPDX-License-Identifier: Apache-2.0
"""The member's choices: the setting, the objection, the notice that comes first, and what a browser signals."""
