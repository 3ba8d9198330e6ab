"""Which variations, and what came of them?  Many runs of one protocol with other values: one labelled result.

A sweep goes over a grid of values, or searches the largest number for which a measure holds.  Its directory holds

* ``points/KEY.npz``: the measures of every finished point, under a hash of all that it follows from; a sweep that is
  interrupted finds them again,
* ``measures.nc``: all measures along all axes, and ``sweep.png``,
* ``sweep.json``: axes, settings, versions, both files, failed points with their reasons; written last.
"""

from neuroam.sweeps.asked import Asked, asked
from neuroam.sweeps.main import sweep
from neuroam.sweeps.rows import rows
from neuroam.sweeps.slopes import LAWS, slopes_of
from neuroam.sweeps.swept import Swept, coordinate, dims_of, is_sweep, names_of, read

__all__ = [
    "LAWS",
    "Asked",
    "Swept",
    "asked",
    "coordinate",
    "dims_of",
    "is_sweep",
    "names_of",
    "read",
    "rows",
    "slopes_of",
    "sweep",
]
