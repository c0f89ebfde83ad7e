# SPDX-License-Identifier: Apache-2.0
"""What is allowed: policy versions as data, read strictly, checked, and shown in plain language."""
