# SPDX-License-Identifier: Apache-2.0
"""Content: what members write, to everybody or to somebody. These tables are the source that the gate reads."""
