# SPDX-License-Identifier: Apache-2.0
"""Whose records are in a release: the commitment, the index, and what a member is shown."""
