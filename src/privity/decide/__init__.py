# SPDX-License-Identifier: Apache-2.0
"""The gate. Import its rooms by name: this package loads nothing, so that auditors stay light."""
