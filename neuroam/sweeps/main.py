"""The flow of a sweep, from what is asked for to a directory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from neuroam.sim import devices
from neuroam.sim.pulse import Tick, ignore
from neuroam.sweeps import grid, search, theory, workers
from neuroam.sweeps.asked import MODEL, Asked
from neuroam.sweeps.points import Points, run_here
from neuroam.sweeps.swept import Swept, save


def sweep(
    wanted: Asked,
    folder: Path,
    device: str = "auto",
    say: Callable[[str], None] = print,
    start: Callable[[int], Tick] = lambda _: ignore,
    *,
    scheduler: str | None = None,
    jobs: int | None = None,
    overwrite: bool = False,
) -> Swept:
    """Run every point that is not in the folder yet, and put all together there.

    Points are runs of their own, one after the other, and each uses all cores; or they are run by the workers of a Dask
    cluster, which need the files that the protocol names at the same paths.

    Parameters
    ----------
    wanted : Asked
        From `asked`.
    folder : Path
        The sweep directory; what is there of the same sweep is not run again.
    device : {"auto", "numpy", "cpp", "cuda"}
        Where to run; ``auto`` is C++ if this machine has a compiler, also on a cluster.
    say, start
        As of `neuroam.pipeline.run`; the bar counts points, or searches.
    scheduler : str, optional
        Address of a Dask scheduler, or the file (.json) that it wrote.
    jobs : int, optional
        So many processes of this machine, if there is no ``scheduler``.
    overwrite : bool
        Whether the table of another sweep may be replaced; its points stay.

    Raises
    ------
    StoreError
        If the folder holds something else, or the disk refuses.
    EnvironmentLacks
        If nothing can be run, here or there.
    """
    chosen, remark = (device, "") if scheduler and device != "auto" else devices.choose(device)
    points = Points(folder, wanted, chosen, overwrite)
    if remark:
        say(remark)
    count = 1
    for axis in wanted.axes:
        count *= len(axis.values)
    what = f"{count} points" + (f", {', '.join(wanted.searches)} searched at each" if wanted.searches else "")
    models = [
        str(model) for axis in wanted.axes for part in axis.together if part.path == MODEL for model in part.values
    ]
    say(f"{wanted.base.protocol.name} on {', '.join(models) or wanted.base.model.name}: {what}")
    run = partial(workers.run_there, scheduler, jobs, points, say) if scheduler or jobs else partial(run_here, points)
    go = search.search_all if wanted.searches else grid.run_all
    measures, failed = go(wanted, points, run, say, start)
    reasons = {", ".join(wanted.named(place)): reason for place, reason in failed.items()}
    found = Swept(wanted.base.protocol.spec.title, wanted.axes, measures, theory.lines(wanted, say), reasons)
    protocol, model = wanted.base.protocol, wanted.base.model
    facts = {
        "protocol": protocol.name,
        "model": model.name,
        "settings": list(wanted.settings),
        "seed": protocol.spec.seed,
        "device": chosen,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": {"protocol": protocol.document.text, "model": model.document.text},
    }
    save(found, folder, facts)
    return found
