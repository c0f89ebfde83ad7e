# SPDX-License-Identifier: Apache-2.0
"""The tables of premium, as they came to be."""
