"""Firing rates of the cells that belong to the cued memory, and of the others."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from neuroam.circuit import Array, Circuit, Population, Trials
from neuroam.codes import encode
from neuroam.errors import FunctionError
from neuroam.readouts import readout
from neuroam.readouts.activity import WINDOW, Window, counts, span
from neuroam.recording import Recording
from neuroam.registry import Ref


@readout("member_rate")
def member_rate(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    population: Annotated[str, Ref("population")],
    window: Window = WINDOW,
    epoch: Annotated[str, Ref("epoch")] | None = None,
) -> Any:
    """Mean rate of the cells of a population that belong to the cued memory, of the best other memory, of all others.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    population : str
        Sized by pattern (hidden cells: those of the cued pattern, of the strongest other pattern), or by the units of
        the cued port (features: the cells that the pattern drives, and the others; ``runner_up`` is NaN).
    window, epoch
        As of `overlap`.

    Returns
    -------
    DataArray
        (trial, cells) with ``cells`` in target, runner_up, others; Hz.  NaN if nothing is stored.
    """
    import xarray as xr

    start, stop = span(window, trials, recording.dt, epoch)
    item = circuit.populations[population]
    if item.size and population not in recording.spikes:
        raise FunctionError(f"the cells of '{population}' do not spike")
    edges, seconds = np.array([start, stop]), (stop - start) * recording.dt
    values = np.full((trials.count, 3), np.nan)
    patterns = circuit.patterns.get(trials.cue_port)
    if item.size and patterns is not None and patterns.count:
        rates = counts(recording.spikes[population], trials.count, item.size, edges)[:, 0] / seconds
        copies = int(item.labels["copy"].max(initial=0)) + 1
        values = _shares(rates.reshape(trials.count, -1, copies).mean(axis=2), item, circuit, trials)
    return xr.DataArray(
        values,
        dims=("trial", "cells"),
        coords={"trial": trials.index, "cells": ["target", "runner_up", "others"]},
        attrs={"units": "Hz"},
    )


def _shares(places: Array, item: Population, circuit: Circuit, trials: Trials) -> Array:
    """Mean rate of the members, of the best other memory and of all others, (trials, 3)."""
    patterns = circuit.patterns[trials.cue_port]
    if "row" in item.labels:
        member = np.arange(places.shape[1])[None, :] == trials.cued[:, None]
        runner_up = np.where(member, -np.inf, places).max(axis=1, initial=-np.inf)
        runner_up = np.where(np.isfinite(runner_up), runner_up, np.nan)
    else:
        member = encode(patterns.values[trials.cued], circuit.ports[trials.cue_port].code, patterns.binary) > 0.5
        runner_up = np.full(trials.count, np.nan)
    if member.shape[1] != places.shape[1]:
        what = f"the cells of '{item.name}' do not belong to memories: there are {places.shape[1]} places"
        raise FunctionError(what, f"the patterns of '{trials.cue_port}' code {member.shape[1]}")
    target = np.where(member, places, 0).sum(axis=1) / np.maximum(member.sum(axis=1), 1)
    others = np.where(member, 0, places).sum(axis=1) / np.maximum((~member).sum(axis=1), 1)
    return np.stack([target, runner_up, others], axis=1)
