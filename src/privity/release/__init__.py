# SPDX-License-Identifier: Apache-2.0
"""Clearing: from a platform's records to the training set that everyone in it agreed to."""
