# SPDX-License-Identifier: Apache-2.0
"""A small professional network, the reference platform: how somebody's own platform stands beside Privity (docs/network.md).

It is a customer: it uses what `privity` gives to everybody and the pages of `privity.web`, and nothing else of it.
"""
