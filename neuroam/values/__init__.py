"""What is the value of a parameter?  Distributions over cells, and numbers that follow from patterns; one per file."""

from neuroam.registry import Registry

value = Registry("value function", "neuroam.values", ("sources", "size", "rng"))
