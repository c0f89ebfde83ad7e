# SPDX-License-Identifier: Apache-2.0
"""The pages of one member: what of hers may be used, where it is, and what she said.

Each page asks anew, and shows nothing of anybody else.
"""
