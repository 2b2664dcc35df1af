"""Sphinx: pages in MyST; tables and equations are generated from the code before each build."""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "thincell"
author = "The thincell developers"
project_copyright = "the thincell developers, GPL-3.0-or-later"
version = release = installed_version("thincell")

extensions = ["myst_parser", "generate"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4

source_suffix = {".md": "markdown"}
root_doc = "index"
exclude_patterns = ["_build", "_ext", "_generated"]
nitpicky = True
smartquotes = False  # primes and minus signs stay what they are

html_theme = "pydata_sphinx_theme"
html_title = "thincell"
html_theme_options = {
    "show_nav_level": 1,
    "navigation_with_keys": False,
    "show_prev_next": True,
    "header_links_before_dropdown": 11,
    "secondary_sidebar_items": ["page-toc"],
}
html_show_sourcelink = False
html_sidebars = {"**": []}
