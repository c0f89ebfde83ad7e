# SPDX-License-Identifier: Apache-2.0
"""Settings as values: what a workspace is told once, and reads at every start."""
