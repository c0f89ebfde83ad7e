# SPDX-License-Identifier: Apache-2.0
"""Messages: to those one is connected with, and InMail to others. Both ends are parties of each."""
