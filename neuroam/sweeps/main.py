"""The flow of a sweep, from what is asked for to a directory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from neuroam.sim import devices
from neuroam.sim.pulse import Tick, ignore
from neuroam.sweeps import grid, search, theory
from neuroam.sweeps.asked import MODEL, Asked
from neuroam.sweeps.points import Points
from neuroam.sweeps.swept import Swept, save


def sweep(
    wanted: Asked,
    folder: Path,
    device: str = "auto",
    say: Callable[[str], None] = print,
    start: Callable[[int], Tick] = lambda _: ignore,
) -> Swept:
    """Run every point that is not in the folder yet, and put all together there.

    Points are runs of their own, one after the other; each uses all cores.

    Parameters
    ----------
    wanted : Asked
        From `asked`.
    folder : Path
        The sweep directory; what is there of the same sweep is not run again.
    device : {"auto", "numpy", "cpp", "cuda"}
        Where to run.
    say, start
        As of `neuroam.pipeline.run`; the bar counts points, or searches.

    Raises
    ------
    StoreError
        If the folder holds something else, or the disk refuses.
    EnvironmentLacks
        If nothing can be run here.
    """
    points = Points(folder, wanted, device)
    count = 1
    for axis in wanted.axes:
        count *= len(axis.values)
    what = f"{count} points" + (f", {', '.join(wanted.searches)} searched at each" if wanted.searches else "")
    models = [str(model) for axis in wanted.axes if axis.path == MODEL for model in axis.values]
    say(f"{wanted.base.protocol.name} on {', '.join(models) or wanted.base.model.name}: {what}")
    run_all = search.search_all if wanted.searches else grid.run_all
    measures, failed = run_all(wanted, points, say, start)
    reasons = {", ".join(wanted.named(place)): reason for place, reason in failed.items()}
    found = Swept(wanted.base.protocol.spec.title, wanted.axes, measures, theory.lines(wanted, say), reasons)
    protocol, model = wanted.base.protocol, wanted.base.model
    facts = {
        "protocol": protocol.name,
        "model": model.name,
        "settings": list(wanted.settings),
        "seed": protocol.spec.seed,
        "device": devices.choose(device)[0],
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": {"protocol": protocol.document.text, "model": model.document.text},
    }
    save(found, folder, facts)
    return found
