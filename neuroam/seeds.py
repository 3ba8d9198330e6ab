"""Role seeds and named random streams: adding a projection rewires no other."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

ROLES = ("patterns", "structure", "cue", "noise", "trial")


def _word(*parts: object) -> int:
    """64 bits that depend on every part and on their order."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


@dataclass(frozen=True)
class Seeds:
    """One seed for each role.  Changing one leaves what the other roles draw as it was."""

    patterns: int
    structure: int
    cue: int
    noise: int
    trial: int

    @classmethod
    def derive(cls, seed: int, given: dict[str, int] | None = None, network: int = 0) -> Seeds:
        """Role seeds of redrawn network number ``network``, from the top-level seed or as ``given``."""
        given = given or {}
        return cls(**{role: _word("neuroam", role, given.get(role, seed), network) for role in ROLES})

    def stream(self, role: str, name: str) -> np.random.Generator:
        """The random stream of one named thing, for instance ``stream("structure", "claws")``."""
        return np.random.Generator(np.random.Philox(_word(getattr(self, role), name)))
