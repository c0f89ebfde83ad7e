# SPDX-License-Identifier: Apache-2.0
"""How a release is made, and how a making that was killed is ended."""
