# SPDX-License-Identifier: Apache-2.0
"""What templates of Privity's pages may use."""
