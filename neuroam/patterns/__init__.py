"""What is stored?  Functions that make a pattern set; one per file."""

from neuroam.registry import Registry

pattern = Registry("pattern function", "neuroam.patterns", ("rng", "folder"))
