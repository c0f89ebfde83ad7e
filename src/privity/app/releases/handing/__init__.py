# SPDX-License-Identifier: Apache-2.0
"""A copy goes to its recipient, who signs for it."""
