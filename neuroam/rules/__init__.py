"""What are the weights at t = 0?  Functions that make one (post, pre) matrix; one per file."""

from neuroam.registry import Registry

rule = Registry("rule", "neuroam.rules", ("sources", "shape", "rng", "folder"))
