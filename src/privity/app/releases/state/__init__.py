# SPDX-License-Identifier: Apache-2.0
"""What the log and the workspace say of a release: where it lies, how it stands, and who signs for it."""
