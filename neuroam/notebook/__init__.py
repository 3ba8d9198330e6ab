"""What does a notebook add?  Sliders on a compiled program, and a cell that is a protocol.

The tables that files, plans and results show are theirs (``_repr_html_``).  Widgets and IPython are imported where they
are needed: whoever has neither can import this.
"""

from __future__ import annotations

from neuroam.notebook.explorer import explore
from neuroam.notebook.magic import load_ipython_extension

__all__ = ["explore", "load_ipython_extension"]
