"""The site: `make docs`. Console blocks and notebooks are run while it is built; nothing is fetched when it is read."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version as installed
from pathlib import Path

from sphinx.application import Sphinx

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "scripts"))

from console_blocks import filled  # noqa: E402
from site_reference import write_pages  # noqa: E402

project = "Mérida"
author = "The Mérida contributors"
copyright = author  # noqa: A001
version = release = installed("merida")
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "samples", "reference/generated/README.md"]
myst_enable_extensions = ["deflist", "colon_fence"]
myst_heading_anchors = 4
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_use_rtype = False
# Model cards and decisions are read in the repository too, where a page may begin below its first level.
suppress_warnings = ["myst.header", "misc.highlighting_failure"]  # Pygments has no lexer for CSV

html_theme = "pydata_sphinx_theme"
html_title = "Mérida"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_sidebars: dict[str, list[str]] = {page: [] for page in ("index", "not-for", "method", "glossary")}
html_copy_source = False
html_last_updated_fmt = None
html_theme_options = {
    "navbar_align": "left",
    "navbar_persistent": ["search-button"],
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
}


def fill(_: Sphinx, name: str, source: list[str]) -> None:
    """Fill the console blocks of a page with what the commands print."""
    if "```console\n$ merida" in source[0]:
        source[0] = filled(source[0], "es" if name.startswith("es/") else "en")


def setup(app: Sphinx) -> None:
    """Write the generated pages before any page is read, and have console blocks filled."""
    os.environ.setdefault("MERIDA_LANGUAGE", "en")
    app.connect("builder-inited", lambda _: write_pages(HERE / "reference/generated"))
    app.connect("source-read", fill)
