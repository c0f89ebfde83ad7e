# SPDX-License-Identifier: Apache-2.0
"""`python -m privity` is `privity`."""

from privity.cli import main

main()
