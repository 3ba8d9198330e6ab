"""A grid: every point is run, and its measures stand along the axes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
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
    there = {job for job in jobs if points.read(job)}
    queue = deque(job for job in jobs if job not in there)
    if there:
        say(f"resuming: {len(there)} points are there from before")
    failed: dict[Place, str] = {}
    tick, done = start(len(jobs)), len(there)
    tick(done / len(jobs))
    for job, outcome in run(queue):
        if isinstance(outcome, str):
            failed[job.place] = outcome
        else:
            points.keep(job, outcome)
            there.add(job)
        done += 1
        tick(done / len(jobs))
    tables = [Table(wanted, name) for name in wanted.base.protocol.spec.measure]
    for job in (job for job in jobs if job in there):
        found = points.read(job)
        for table in tables:
            if table.name in found:
                table.put(job.place, found[table.name])
    measures = {table.name: table.array() for table in tables if table.filled.any()}
    return measures, {job.place: failed[job.place] for job in jobs if job.place in failed}


class Table:
    """One measure of all points, put in one after the other; only its numbers stay in memory.

    Points whose other dimensions differ from those of the first (other trials, other cells) are joined by label.
    """

    def __init__(self, wanted: Asked, name: str) -> None:
        self.wanted, self.name = wanted, name
        self.filled = np.zeros(wanted.shape, dtype=bool)
        self.first: Any = None
        self.values: Any = None
        self.odd: dict[Place, Any] = {}

    def put(self, place: Place, array: Any) -> None:
        """Take in what one point measured."""
        if self.first is None:
            self.first = array.reset_coords(drop=True)
            self.values = np.zeros((*self.wanted.shape, *array.shape), dtype=array.dtype)
        self.filled[place] = True
        if self._alike(array):
            self.values[place] = array.to_numpy()
        else:
            self.odd[place] = array.reset_coords(drop=True)

    def _alike(self, array: Any) -> bool:
        same = array.dims == self.first.dims and array.dtype == self.values.dtype
        return same and all(array.get_index(dim).equals(self.first.get_index(dim)) for dim in array.dims)

    def array(self) -> Any:
        """The measure along the axes, NaN where there is none."""
        import xarray as xr

        dims, coords = dims_of(self.wanted.axes), coords_of(self.wanted.axes)
        first = self.first.rename({dim: f"{dim}_" for dim in self.first.dims if dim in dims})
        values, filled = self.values, self.filled
        if self.odd:
            first, values = self._by_label(first)
        kept = {dim: first.coords[dim] for dim in first.dims if dim in first.coords}  # what else there is differs
        found = xr.DataArray(values, dims=(*dims, *first.dims), coords={**coords, **kept}, attrs=first.attrs)
        if filled.all():
            return found
        return found.where(xr.DataArray(filled, dims=tuple(dims)))

    def _by_label(self, first: Any) -> tuple[Any, Any]:
        """What has all labels of all points, and the values of all along them."""
        import xarray as xr

        names = dict(zip(self.first.dims, first.dims, strict=True))
        places = [place for place in np.ndindex(*self.wanted.shape) if self.filled[place]]
        arrays = [self.odd[p] if p in self.odd else self.first.copy(data=self.values[p]) for p in places]
        arrays = [array.rename({dim: names.get(dim, dim) for dim in array.dims}) for array in arrays]
        joined = xr.concat(arrays, dim="point", join="outer", combine_attrs="override").transpose("point", ...)
        values = np.full((*self.wanted.shape, *joined.shape[1:]), np.nan)
        for number, place in enumerate(places):
            values[place] = joined[number].to_numpy()
        return joined[0].drop_vars("point", errors="ignore"), values
