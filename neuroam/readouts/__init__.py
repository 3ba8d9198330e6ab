"""What does the recording say about memory?  Functions that make one labelled array; one per file."""

from neuroam.registry import Registry

readout = Registry("readout", "neuroam.readouts", ("recording", "circuit", "trials", "folder"))
