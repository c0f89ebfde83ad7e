# SPDX-License-Identifier: Apache-2.0
# What Sphinx reads: every page here is MyST Markdown, and a broken reference fails the build.
from __future__ import annotations

import tomllib
from pathlib import Path

_PROJECT = tomllib.loads(
    (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
)["project"]

project = "Privity"
author = "The Privity authors"
copyright = author
version = release = _PROJECT["version"]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "adr/template.md"]
nitpick_ignore_regex = [
    # Types of libraries whose own pages are not fetched while building ours.
    ("py:.*", r"(pa|pyarrow|np|numpy|collections|pathlib|typing)\..*"),
]

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 4

html_theme = "furo"
html_title = "Privity"
html_show_copyright = False
