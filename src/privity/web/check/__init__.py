# SPDX-License-Identifier: Apache-2.0
"""*Check it*: a member verifies the log and the releases herself, in her browser or from a file (docs/web.md)."""
