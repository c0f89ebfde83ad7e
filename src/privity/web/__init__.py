# SPDX-License-Identifier: Apache-2.0
"""Privity's own pages, as an application of Django's that a platform puts beside its own (docs/web.md).

Django stays inside this package: accounts, sessions and forms are the platform's. What the pages say comes from the
workspace each time; nothing of it is kept here.
"""
