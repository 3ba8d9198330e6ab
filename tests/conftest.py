"""What the tests share: a display-free backend, and a short way to run a circuit that is written in the test."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("MPLBACKEND", "Agg")

Simulate = Callable[..., Any]


@pytest.fixture(scope="session")
def simulate(tmp_path_factory: pytest.TempPathFactory) -> Simulate:
    """``simulate(model, protocol, settings, device=, batch=)``: run a protocol given as a mapping.

    ``model`` is the name of a shipped one, or a mapping; its key ``cells`` holds cell files by name.  The key ``files``
    of the protocol holds the text of files that it names.
    """
    import brian2  # noqa: F401

    # Brian2 collects garbage before every run, which takes longer than most runs here if it looks at all modules again
    gc.freeze()

    def run(
        model: str | Mapping[str, Any],
        protocol: Mapping[str, Any],
        settings: Mapping[str, Any] | None = None,
        *,
        device: str = "numpy",
        batch: int | None = None,
    ) -> Any:
        import neuroam

        folder = tmp_path_factory.mktemp("circuit")
        if not isinstance(model, str):
            for name, cell in model.get("cells", {}).items():
                write(folder / "cells" / f"{name}.yaml", {"title": name, **cell})
            own = {key: item for key, item in model.items() if key != "cells"}
            model = str(write(folder / "model.yaml", {"format": 1, "title": "a circuit of this test", **own}))
        for name, text in protocol.get("files", {}).items():
            (folder / name).write_text(text, encoding="utf-8")
        world = {key: item for key, item in protocol.items() if key != "files"}
        path = write(folder / "protocol.yaml", {"format": 1, "title": "a protocol of this test", **world})
        return neuroam.run(path, model, settings, device=device, batch=batch)

    return run


def write(path: Path, data: Mapping[str, Any]) -> Path:
    """JSON is YAML."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(data), encoding="utf-8")
    return path
