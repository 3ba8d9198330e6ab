"""What does theory say at the points of a sweep?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import numpy as np

from neuroam import pipeline
from neuroam.errors import BuildError, FunctionError, RunError, SpecError
from neuroam.predictions import prediction
from neuroam.seeds import Seeds
from neuroam.spec.nouns import Spec
from neuroam.sweeps.asked import Asked
from neuroam.sweeps.swept import coords_of, dims_of


def lines(wanted: Asked, say: Callable[[str], None]) -> dict[str, Any]:
    """Every prediction along the axes: values of its ``measure``, or places on its ``axis`` along the others."""
    import xarray as xr

    found = {}
    dims = dims_of(wanted.axes)
    for name, given in wanted.theory.items():
        settings = {key: value for key, value in given.items() if key not in ("axis", "measure", "prediction")}
        kind = given.get("prediction", name)
        along = [number for number, axis in enumerate(wanted.axes) if axis.path != given.get("axis")]
        shape = tuple(wanted.shape[number] for number in along)
        values = np.full(shape, np.nan)
        for place in product(*(range(count) for count in shape)):
            full = [0] * len(wanted.axes)  # the first value of an axis on which the prediction is a place
            for number, value in zip(along, place, strict=True):
                full[number] = value
            try:
                values[place] = _predicted(kind, settings, wanted.spec(full))
            except (SpecError, FunctionError, RunError, BuildError) as error:
                say(f"no prediction '{name}': {error}")
                break
        names = [list(dims)[number] for number in along]
        own = next((key for key, axis in dims.items() if axis.path == given.get("axis")), None)
        attrs = {"axis": own} if own else {"measure": given["measure"]}
        coords = coords_of([wanted.axes[number] for number in along])
        found[name] = xr.DataArray(values, dims=names, coords=coords, attrs=attrs, name=name)
    return found


def _predicted(name: str, settings: Mapping[str, Any], spec: Spec) -> float:
    entry = prediction[name]
    given = entry.schema.model_validate(settings)
    circuit, trials = pipeline.resolved(spec)
    seeds = Seeds.derive(spec.protocol.spec.seed)
    offers = {"circuit": circuit, "trials": trials, "rng": seeds.stream("trial", f"prediction:{name}")}
    chosen = {key: getattr(given, key) for key in type(given).model_fields}
    there: dict[str, Mapping[str, Any]] = {
        "port": circuit.patterns, "population": circuit.populations, "matrix": circuit.matrices,
    }  # fmt: skip
    for key, kind in entry.refers.items():  # a default may be the name of another model
        if chosen[key] not in there[kind]:
            raise FunctionError(f"there is no {kind} '{chosen[key]}'", f"name one of: {', '.join(there[kind])}")
    return float(entry.function(**{key: offers[key] for key in entry.offers}, **chosen))
