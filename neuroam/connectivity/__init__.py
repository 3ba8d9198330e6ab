"""Who contacts whom?  Functions that draw the edges of a projection that has no matrix; one per file."""

from neuroam.registry import Registry

connectivity = Registry("connectivity", "neuroam.connectivity", ("pre", "post", "rng"))
