# SPDX-License-Identifier: Apache-2.0
"""Runs that read releases, and models that come of them."""
