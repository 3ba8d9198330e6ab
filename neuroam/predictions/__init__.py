"""What does theory say about one point of a sweep?  Lines for its figure; one per file.

A prediction is the place on an axis at which something happens, and is drawn there as a vertical line.
"""

from neuroam.registry import Registry

prediction = Registry("prediction", "neuroam.predictions", ("circuit", "trials", "rng"))
