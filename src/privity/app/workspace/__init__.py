# SPDX-License-Identifier: Apache-2.0
"""A workspace: the log, its vault and its keys in one folder, and what is done with them (docs/workspace.md)."""
