# SPDX-License-Identifier: Apache-2.0
"""Compiled loops over numbers: the only place where numba is imported."""
