"""Which Dask cluster runs the points?  One that is there, or one of processes of this machine."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from neuroam.errors import EnvironmentLacks

FORGETFUL = {"distributed.admin.low-level-log-length": 10}  # Dask keeps the last messages: those hold whole batches
PATIENCE = "5s"  # for a scheduler that does not answer


@contextmanager
def connected(scheduler: str | None, jobs: int | None) -> Iterator[Any]:
    """A client of the Dask cluster at an address (or of a scheduler file, .json), or of ``jobs`` processes here.

    Raises
    ------
    EnvironmentLacks
        If Dask is not installed, or nothing answers.
    """
    try:
        import dask
        from distributed import Client
    except ImportError:
        raise EnvironmentLacks("no dask.distributed found: pip install 'neuroam[sweep]'") from None
    for name in ("distributed", "distributed.client"):  # what matters is told in our words
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with dask.config.set(FORGETFUL), ExitStack() as opened:
        if scheduler is None:
            folder = opened.enter_context(tempfile.TemporaryDirectory())
            yield opened.enter_context(Client(opened.enter_context(of_processes(jobs or 1, folder))))
        else:
            yield opened.enter_context(_client_of(scheduler))


def _client_of(scheduler: str) -> Any:
    from distributed import Client

    if scheduler.endswith(".json") and not Path(scheduler).exists():
        raise EnvironmentLacks(f"there is no scheduler file {scheduler}: start a scheduler that writes it")
    where = {"scheduler_file": scheduler} if scheduler.endswith(".json") else {"address": scheduler}
    try:
        client: Any = Client(**where, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        what = f"no Dask scheduler answers at {scheduler} ({reason})"
        raise EnvironmentLacks(f"{what}: start one with 'dask scheduler', or use --jobs") from None
    return client


@contextmanager
def of_processes(jobs: int, folder: str) -> Iterator[Any]:
    """Processes of this machine, which share its cores."""
    import dask
    from distributed import LocalCluster

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quiet = {"distributed.scheduler.allowed-failures": 0, "distributed.worker.memory.terminate": False}
    with (
        dask.config.set(quiet),
        LocalCluster(
            n_workers=jobs, threads_per_worker=max(1, cores // jobs), processes=True, dashboard_address="127.0.0.1:0",
            local_directory=folder, silence_logs=logging.CRITICAL,
        ) as cluster,
    ):  # fmt: skip
        yield cluster
