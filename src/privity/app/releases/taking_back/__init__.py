# SPDX-License-Identifier: Apache-2.0
"""What is due is taken back, here and wherever a copy went; what was killed on the way is gone on from."""
