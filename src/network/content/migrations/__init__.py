# SPDX-License-Identifier: Apache-2.0
"""The tables of content, as they came to be."""
