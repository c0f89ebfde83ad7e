# SPDX-License-Identifier: Apache-2.0
"""Audits: what opens workspaces, logs, dumps and bundles, asks `privity.audit`, and writes what it answers."""
