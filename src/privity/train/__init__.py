# SPDX-License-Identifier: Apache-2.0
"""Training on releases: an order that no removal moves, batches with digests, and a small model to show it."""
