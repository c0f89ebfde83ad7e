# SPDX-License-Identifier: Apache-2.0
"""Where the ledger's bytes are kept: SQLite, files, and what is read over HTTP. Only `app` imports it."""
