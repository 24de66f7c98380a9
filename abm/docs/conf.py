"""How the documentation is built: `uv run sphinx-build -W abm/docs build/docs`."""

import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that a build needs no installed package

from abm import __version__

# Said while modules are read, which a reader would take for a fault of the build.
warnings.filterwarnings("ignore", message="ipyparallel not installed", category=UserWarning)

project = "multilateral-abm"
author = "The multilateral-abm developers"
copyright = author
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "experiments.documentation.assembly"]
exclude_patterns = ["**.py"]
default_role = "code"
highlight_language = "text"  # unless a block names its language
language = "en"
suppress_warnings = ["ref.python"]  # a name in a type that two classes have

myst_heading_anchors = 4  # a heading is linked to as code hosts do it
myst_enable_extensions = ["colon_fence"]

autodoc_class_signature = "separated"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 88
python_use_unqualified_type_names = True
add_module_names = False
toc_object_entries = False

# Everything that a page loads lies beside it: no letters and no script from elsewhere.
html_theme = "furo"
html_title = f"multilateral-abm {release}"
html_static_path = ["static"]
html_css_files = ["tables.css"]
html_search_scorer = str(Path(__file__).parent / "static" / "scorer.js")
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_last_updated_fmt = None
