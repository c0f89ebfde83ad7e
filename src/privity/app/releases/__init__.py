# SPDX-License-Identifier: Apache-2.0
"""What is done with releases in a workspace (specs/release.md)."""
