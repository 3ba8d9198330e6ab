"""How is a cue degraded?  Corruptions of a pattern, applied one after the other; one per file."""

from neuroam.registry import Registry

corruption = Registry("corruption", "neuroam.stimuli", ("pattern", "rng"))
