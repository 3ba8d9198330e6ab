"""Labelled arrays in HDF5 groups that xarray and every reader of netCDF-4 open."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from neuroam.store.folders import whole_file

PACK = {"zlib": True, "complevel": 1, "shuffle": True}


def write_groups(path: Path, groups: Mapping[str, Any], mode: str = "w") -> None:
    """Write data sets by the name of their group; with ``mode`` "a", beside what is there.

    Measures may use one dimension with different coordinates (bins of time), so each is a group of its own.
    """
    from xarray.backends import H5NetCDFStore
    from xarray.backends.locks import HDF5_LOCK

    for number, (group, data) in enumerate(groups.items()):
        # with a lock given, xarray does not import dask.distributed to find one
        with H5NetCDFStore.open(str(path), mode="a" if number else mode, group=group, lock=HDF5_LOCK) as file:
            large = [name for name, array in data.data_vars.items() if array.size and array.dtype.kind in "biuf"]
            data.dump_to_store(file, encoding={name: PACK for name in large if data[name].ndim})


def write_measures(path: Path, measures: Mapping[str, Any]) -> None:
    """Write labelled arrays by name; the file appears when it is whole.

    Raises
    ------
    StoreError
        If the disk refuses.
    """
    with whole_file(path) as half:
        write_groups(half, groups_of(measures))


def groups_of(measures: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Every measure as a data set, by the name of its group."""
    import xarray as xr

    return {f"{prefix}{name}": xr.Dataset({name: array}) for name, array in measures.items()}


def read_measures(path: Path, group: str = "/") -> dict[str, Any]:
    """Labelled arrays by name, of all groups in ``group``; none if there is no such file."""
    import h5py
    import xarray as xr

    if not path.exists():
        return {}
    with h5py.File(path) as file:
        names = list(file.get(group, ()))
    found = {}
    for name in names:
        with xr.open_dataset(path, group=f"{group.rstrip('/')}/{name}", engine="h5netcdf") as data:
            found[name] = data[name].load()
    return found
