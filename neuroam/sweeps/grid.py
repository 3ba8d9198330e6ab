"""A grid: every point is run, and its measures stand along the axes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import numpy as np

from neuroam.sim.pulse import Tick
from neuroam.sweeps.asked import Asked
from neuroam.sweeps.points import Job, Place, Points, Run
from neuroam.sweeps.swept import coords_of, dims_of


def run_all(
    wanted: Asked, points: Points, run: Run, say: Callable[[str], None], start: Callable[[int], Tick]
) -> tuple[dict[str, Any], dict[Place, str]]:
    """Measures along the axes, and why points failed.

    Parameters
    ----------
    wanted, points
        What is asked for, and what is there of it.
    run : callable
        Runs what is missing, and gives what every point measured, or why it failed, as it ends.
    say, start
        As of `neuroam.pipeline.run`; the bar counts points.
    """
    jobs = [Job(place) for place in product(*(range(count) for count in wanted.shape))]
    arrays = {job.place: there for job in jobs if (there := points.read(job))}
    queue = deque(job for job in jobs if job.place not in arrays)
    if arrays:
        say(f"resuming: {len(arrays)} points are there from before")
    failed: dict[Place, str] = {}
    tick, done = start(len(jobs)), len(arrays)
    tick(done / len(jobs))
    for job, outcome in run(queue):
        if isinstance(outcome, str):
            failed[job.place] = outcome
        else:
            arrays[job.place] = points.keep(job, outcome)
        done += 1
        tick(done / len(jobs))
    found = {job.place: arrays[job.place] for job in jobs if job.place in arrays}
    return _joined(wanted, found), {job.place: failed[job.place] for job in jobs if job.place in failed}


def _joined(wanted: Asked, arrays: Mapping[Place, Mapping[str, Any]]) -> dict[str, Any]:
    """Every measure along the axes, NaN where there is none."""
    import xarray as xr

    dims, shape = dims_of(wanted.axes), wanted.shape
    coords = coords_of(wanted.axes)
    found = {}
    for measure in wanted.base.protocol.spec.measure:
        there = {place: measures[measure] for place, measures in arrays.items() if measure in measures}
        if not there:
            continue
        together = xr.concat(list(there.values()), dim="point", join="outer", combine_attrs="override")
        flat = [int(np.ravel_multi_index(place, shape)) for place in there]
        together = together.assign_coords(point=flat).reindex(point=np.arange(int(np.prod(shape))))
        together = together.rename({dim: f"{dim}_" for dim in together.dims if dim in dims})
        rest = [dim for dim in together.dims if dim != "point"]
        values = together.transpose("point", *rest).to_numpy().reshape(*shape, *(together.sizes[dim] for dim in rest))
        kept = {dim: together.coords[dim] for dim in rest if dim in together.coords}
        attrs = next(iter(there.values())).attrs
        found[measure] = xr.DataArray(values, dims=(*dims, *rest), coords={**coords, **kept}, attrs=attrs)
    return found
