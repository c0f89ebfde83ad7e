# SPDX-License-Identifier: Apache-2.0
"""The words of Privity as versioned data: categories, purposes, roles, reasons, places."""
