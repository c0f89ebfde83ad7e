# SPDX-License-Identifier: Apache-2.0
"""Premium: an agreement of its own, for a period, with InMail to people one is not connected with."""
