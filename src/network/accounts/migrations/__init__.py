# SPDX-License-Identifier: Apache-2.0
"""The tables of accounts, as they came to be."""
