# SPDX-License-Identifier: Apache-2.0
"""The demo: twenty members of the made network get log-ins, and something to read (docs/demo.md)."""
