"""A grid: every point is run, and its measures stand along the axes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np

from neuroam.sim.pulse import Tick
from neuroam.spec.nouns import Spec
from neuroam.sweeps.asked import Asked
from neuroam.sweeps.points import Outcome, Place, Points
from neuroam.sweeps.swept import coords_of, dims_of

Run = Callable[[Mapping[Place, Spec]], Iterator[tuple[Place, Outcome]]]


def run_all(
    wanted: Asked, points: Points, run: Run, say: Callable[[str], None], start: Callable[[int], Tick]
) -> tuple[dict[str, Any], dict[Place, str]]:
    """Measures along the axes, and why points failed.

    Parameters
    ----------
    wanted, points
        What is asked for, and what is there of it.
    run : callable
        Takes what is missing, by place, and gives what every point measured, or why it failed, as it ends.
    say, start
        As of `neuroam.pipeline.run`; the bar counts points.
    """
    specs = {place: wanted.spec(place) for place in product(*(range(count) for count in wanted.shape))}
    arrays = {place: found for place, spec in specs.items() if (found := points.read(spec))}
    missing = [place for place in specs if place not in arrays]
    if len(missing) < len(specs):
        say(f"resuming: {len(specs) - len(missing)} points are there from before")
    tick = start(len(specs))
    failed: dict[Place, str] = {}
    tick(1 - len(missing) / len(specs))
    for number, (place, outcome) in enumerate(run({place: specs[place] for place in missing}), start=1):
        if isinstance(outcome, str):
            failed[place] = outcome
        else:
            arrays[place] = points.keep(specs[place], outcome)
        tick(1 - (len(missing) - number) / len(specs))
    failed = {place: failed[place] for place in specs if place in failed}
    return _joined(wanted, {place: arrays[place] for place in specs if place in arrays}), failed


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
