# SPDX-License-Identifier: Apache-2.0
"""Who stood where, when: facts, timelines and states. Members know no rules."""
