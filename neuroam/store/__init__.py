"""What stays on disk?  Run directories: written whole or not at all, and read back.

While a run is not finished, `neuroam.parts` keeps its finished batches in another directory beside it.

A run directory holds

* ``recording.h5``: spikes, traces, weights and measures of every network; `neuroam.store.recording_file` has the
  layout,
* ``raster.png``: the first trial,
* ``model.yaml``, ``protocol.yaml``, ``cells/``, ``synapses/``: what was run, with all settings in place,
* ``stages/NAME/`` the same of its stages, and ``learned.npz``: the weights that they ended with; ``adjusted.npz``:
  the factors of pattern rows in the last round of ``repeat``,
* ``provenance.json``: versions, compiler, seeds by role, device, timings, hashes, and the two files as they were
  written.
"""

from neuroam.store.compact import UNREADABLE, read_compact, write_compact
from neuroam.store.folders import default_folder, refuse_filled, refuse_occupied, refuse_unwritable, staged, whole_file
from neuroam.store.labelled import read_measures, write_measures
from neuroam.store.main import Stored, read, remarks, result_sha256, write
from neuroam.store.provenance import component_texts, version_of, versions
from neuroam.store.recording_file import name_of, write_spikes
from neuroam.store.texts import write_text

__all__ = [
    "UNREADABLE",
    "Stored",
    "component_texts",
    "default_folder",
    "name_of",
    "read",
    "read_compact",
    "read_measures",
    "refuse_filled",
    "refuse_occupied",
    "refuse_unwritable",
    "remarks",
    "result_sha256",
    "staged",
    "version_of",
    "versions",
    "whole_file",
    "write",
    "write_compact",
    "write_measures",
    "write_spikes",
    "write_text",
]
