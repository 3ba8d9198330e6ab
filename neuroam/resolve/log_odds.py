"""A cue as evidence: what a noisy channel says for a unit being active, and how many units are active at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from neuroam.circuit import Array
from neuroam.errors import FunctionError
from neuroam.resolve.context import Context
from neuroam.resolve.spans import Span
from neuroam.tables import level_of

RATES = ("r01", "r10")
CODES = ("bits", "bipolar")
LEAST = 1e-6  # a channel that never errs would leave no doubt, and infinite numbers


def log_odds(context: Context, span: Span, port: str, code: str, rows: Array, settings: Mapping[str, Any]) -> Array:
    r"""Log-odds of every unit being active, from a cue and the coding level f.

    .. math:: \log\frac{f}{1 - f} + \log\frac{1 - r_{10}}{r_{01}} \text{ if shown active}, \quad
        \log\frac{f}{1 - f} + \log\frac{r_{10}}{1 - r_{01}} \text{ if shown inactive}

    Parameters
    ----------
    context : Context
        Gets a problem if nothing says how reliable the cue is; then the prior is all that is returned.
    span : Span
        The epoch.
    port, code : str
        Where the cue enters, and how its cells code it.
    rows : ndarray
        (trials, units) in {0, 1}; NaN where a unit is not shown, which leaves the prior.
    settings : mapping
        ``r01`` and ``r10``, if given; else those of the one ``channel`` that the epoch shows the pattern through.

    Returns
    -------
    ndarray
        (trials, units), natural logarithms.

    References
    ----------
    Savin, Dayan & Lengyel (2013) NIPS 26:288: the cue as a binary asymmetric channel.
    """
    f = float(np.clip(level_of(context.patterns[port]), LEAST, 1 - LEAST))
    prior = np.full(rows.shape, np.log(f / (1 - f)))
    try:
        if code not in CODES or not context.patterns[port].binary:
            raise FunctionError(f"the port '{port}' has no bits", f"log-odds suit binary patterns in {CODES[0]}")
        r01, r10 = (float(np.clip(rate, LEAST, 1 - LEAST)) for rate in _rates(span, settings))
    except FunctionError as error:
        context.refuse(
            context.protocol, context.protocol.existing(("epochs", span.number, "as")), error.what, error.fix
        )
        return prior
    evidence = np.where(rows > 0.5, np.log((1 - r10) / r01), np.log(r10 / (1 - r01)))
    return prior + np.where(np.isnan(rows), 0.0, evidence)


def _rates(span: Span, settings: Mapping[str, Any]) -> tuple[float, float]:
    """r01 and r10 that the cells take for granted."""
    assert span.spec is not None
    assert span.spec.show is not None
    found: Mapping[str, Any] = {}
    if not set(RATES) <= set(settings):
        channels = [call.args for call in span.spec.show.corrupt if call.name == "channel"]
        if len(channels) != 1 or not isinstance(channels[0], dict):
            what = f"log-odds of a cue need to know how often it errs, and the epoch has {len(channels)} channels"
            raise FunctionError(what, "write {log_odds: {r01: 0.1, r10: 0.1}}, or corrupt: [{channel: ...}]")
        found = channels[0]
    return tuple(float(settings.get(key, found.get(key, 0.0))) for key in RATES)  # type: ignore[return-value]
