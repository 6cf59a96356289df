"""How the documentation is built: `make docs`, without network, with warnings as errors."""

import sys
from importlib.metadata import version as installed
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "extensions"), str(HERE.parent / "src")]

project = "backproof"
author = copyright = "The backproof developers"
version = release = installed("backproof")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "formulas",
    "listings",
]
exclude_patterns = ["_build", "extensions"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = "backproof"
html_static_path = ["static"]
html_css_files = ["style.css"]
html_show_sphinx = False
html_math_renderer = "mathml"
pygments_style, pygments_dark_style = "friendly", "monokai"

default_role = "code"  # docstrings name things in single backticks
add_module_names = False
napoleon_numpy_docstring, napoleon_google_docstring = True, False
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # signatures of records are long enough; docstrings give shapes and units
autodoc_default_options = {"exclude-members": "problems"}
