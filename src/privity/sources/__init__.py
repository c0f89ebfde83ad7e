# SPDX-License-Identifier: Apache-2.0
"""Where records come from: a platform's own files, read strictly, and the made-up network."""
