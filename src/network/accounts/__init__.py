# SPDX-License-Identifier: Apache-2.0
"""Accounts: who signs up, logs in, and closes the account again."""
