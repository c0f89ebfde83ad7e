# SPDX-License-Identifier: Apache-2.0
"""What everybody may read: the policy with its history, questions, the log and its tree, and what changes as a feed.

Nobody has to log in, and nothing here depends on who asks.
"""
