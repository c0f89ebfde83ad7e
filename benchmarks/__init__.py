# SPDX-License-Identifier: Apache-2.0
"""The benchmarks behind docs/benchmarks.md: `python -m benchmarks`. Not part of the package."""
