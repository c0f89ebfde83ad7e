# SPDX-License-Identifier: Apache-2.0
"""Whether what lies there is what the log says, and what it is: for anybody, or for its operator."""
