# SPDX-License-Identifier: Apache-2.0
"""The workspace that the tests of workspaces have."""

from __future__ import annotations

from tests.unit.app.workspace.conftest import opened, root

__all__ = ["opened", "root"]
