"""Do the devices compute what the equations say?  Every one against an independent integrator, and one another."""

from neuroam.verifying.compare import TOLERANCE, Deviation, compare
from neuroam.verifying.main import Checked, verify

__all__ = ["TOLERANCE", "Checked", "Deviation", "compare", "verify"]
