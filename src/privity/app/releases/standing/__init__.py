# SPDX-License-Identifier: Apache-2.0
"""What is due, and whether a release may be used now."""
