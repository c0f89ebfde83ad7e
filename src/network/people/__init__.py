# SPDX-License-Identifier: Apache-2.0
"""People: profiles, and who is connected with whom."""
