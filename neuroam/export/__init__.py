"""Who else reads it?  A run in the formats of other tools; what only one of them needs is imported when it is used.

``export(source, to, path)`` writes one of `FORMATS`; `nwb.nwb_file` and `neo.block` make the objects of PyNWB and Neo.
"""

from neuroam.export.main import FORMATS, default_path, export
from neuroam.export.source import Source

__all__ = ["FORMATS", "Source", "default_path", "export"]
