# SPDX-License-Identifier: Apache-2.0
"""`python -m network`: the commands of whoever runs it."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "network.settings")
    execute_from_command_line(["network", *sys.argv[1:]])
