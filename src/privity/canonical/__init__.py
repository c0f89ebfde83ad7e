# SPDX-License-Identifier: Apache-2.0
"""The one encoder: instants as text, JSON as bytes, digests of both."""
