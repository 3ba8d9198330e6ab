"""What circuits may ask of the engine, one mechanism at a time, against a few lines of numpy, on every device.

On numpy, everything that a circuit does is compared with the independent integrator, too.
"""

import json
import shutil
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

import neuroam
from neuroam.circuit import Dense, Matrix
from neuroam.reference import integrate
from neuroam.resolve import resolve
from neuroam.sim.structure import Wanted
from neuroam.sim.trial import simulate
from neuroam.verifying import compare

DEVICES = [
    "numpy",
    pytest.param(
        "cpp", marks=pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler on this machine")
    ),
    pytest.param(
        "cuda",
        marks=[
            pytest.mark.slow,
            pytest.mark.skipif(
                shutil.which("g++") is None or find_spec("brian2cuda") is None,
                reason="no C++ compiler or no brian2cuda on this machine",
            ),
        ],
        id="cuda on a CPU",
    ),
]
pytestmark = pytest.mark.parametrize("device", DEVICES)

CELLS = {
    "count": {"states": {"x": 1}, "params": {"by": 1}, "update": ["x = x + by"], "output": {"odd": "x % 2"}},
    "read": {"inputs": {"h": 1, "flag": 1}, "output": {"y": "h", "open": "flag"}},
    "sum": {"inputs": {"h": 1}, "states": {"s": 1}, "params": {"enough": 100}, "update": ["s = s + h"],
            "reduce": {"total": "sum(s)", "first": "argmax(s)", "runner_up": "kth(s, 2)"}, "output": {"done": "int(total >= enough)"}},
    "pulse": {"states": {"x": 1}, "inputs": {"h": 1}, "params": {"every": 3, "phase": 0}, "update": ["x = x + 1"],
              "output": {"y": "h"}, "events": {"spike": {"when": "(x + phase) % every < 0.5"}}},
    "noisy": {"states": {"x": 1}, "inputs": {"h": 1}, "update": ["x = x + rand() + 0*h"], "output": {"g": "x"}},
}  # fmt: skip


@pytest.fixture
def run(request, tmp_path, device):
    """Run a discrete-time model given as its parts; every state and output of graded cells is recorded in every step."""
    if device == "cuda":
        request.getfixturevalue("emulated")
        request.getfixturevalue("monkeypatch").setenv("EMULATED_ORDER", "2")
    (tmp_path / "cells").mkdir()
    (tmp_path / "synapses").mkdir()
    for name, cell in CELLS.items():
        (tmp_path / "cells" / f"{name}.yaml").write_text(json.dumps({"title": name} | cell))

    def go(populations, projections, steps=12, epochs=None, trials=2, batch=None, synapses=None, change=None, **model):
        for name, synapse in (synapses or {}).items():
            (tmp_path / "synapses" / f"{name}.yaml").write_text(json.dumps({"title": name} | synapse))
        made = {"format": 1, "title": "t", "time": {"discrete": "synchronous"}} | model
        made |= {"populations": populations, "projections": projections}
        (tmp_path / "model.yaml").write_text(json.dumps(made))
        protocol = {"format": 1, "title": "t", "trials": trials}
        protocol["epochs"] = epochs or [{"name": "all", "duration": f"{steps} steps"}]
        (tmp_path / "protocol.yaml").write_text(json.dumps(protocol))
        spec = neuroam.load(tmp_path / "protocol.yaml", tmp_path / "model.yaml")
        circuit, world = resolve(spec)
        if change is not None:
            circuit, world = change(circuit, world)
        traces, spikes = {}, []
        for name, population in circuit.populations.items():
            cell = population.cell
            traces |= {
                (name, key): 1 for key in (*cell.states, *dict(cell.outputs), *(r.name for r in cell.reductions))
            }
            spikes += [name] if cell.event else []
        recording = simulate(circuit, world, Wanted(tuple(spikes), traces), device, batch).recording
        if device == "numpy":  # all of it, beside what a test looks at
            assert [d for d in compare(integrate(circuit, world, traces), recording) if not d.fine] == []
        return recording

    return go


def population(cell, size, **params):
    return {"size": size, "cell": cell, "params": params}


RING = {"connect": "all", "weights": 1}


def counted(steps, *starts):
    return np.arange(steps + 1)[:, None] + np.array(starts)


@pytest.mark.parametrize("ring", ["delay", "box"])
def test_graded_signals_arrive_late_or_as_their_mean(run, ring):
    steps, length = 14, 4
    projection = RING | {"from": "a.x", "to": "b.h", "kernel": {ring: {"steps": length}}}
    found = (
        run({"a": population("count", 2), "b": population("read", 3)}, {"p": projection}, steps).traces["b", "y"].values
    )
    sent = np.concatenate([np.zeros(length), 2 * np.arange(steps + 1)])  # two cells that count from zero
    if ring == "delay":
        want = sent[: steps + 1]
    else:
        want = np.array([sent[t + 1 : t + 1 + length].mean() for t in range(steps + 1)])
    assert np.array_equal(found[:-1], found[1:]), "trials differ"
    np.testing.assert_allclose(found[0, :-1], np.repeat(want[:-1, None], 3, axis=1), rtol=1e-15)


@pytest.mark.parametrize("tau", ["3 steps", "3 ms"])
@pytest.mark.parametrize("delay", [0, 2])
def test_a_filter_keeps_its_time_in_discrete_time(run, tau, delay):
    """What arrives in a step is part of the mean that is read in it; a step stands for 1 ms."""
    given = RING | {"from": "a.x", "kernel": {"low_pass": {"tau": tau}}} | ({"delay": f"{delay} ms"} if delay else {})
    made = {"a": population("count", 1), "b": population("read", 1), "c": population("sum", 1, enough=1e9)}
    found = run(made, {"p": given | {"to": "b.h"}, "q": given | {"to": "c.h"}})
    heard, mean = np.maximum(0, np.arange(12) - delay), [0.0]
    for value in heard:
        mean.append(value + (mean[-1] - value) * np.exp(-1 / 3))
    np.testing.assert_allclose(found.traces["b", "y"].values[0, :-1, 0], mean[1:], rtol=1e-14)
    np.testing.assert_allclose(found.traces["c", "s"].values[1, :, 0], np.cumsum([0, *mean[1:]]), rtol=1e-14)


def test_spikes_decay_in_discrete_time(run):
    """They are felt a step later, and fade by exp(-1/tau) per step."""
    projection = RING | {"from": "a", "to": "b.h", "weights": 2, "synapse": {"exponential": {"tau": "2 steps"}}}
    found = run({"a": population("pulse", 1, every=4), "b": population("read", 1)}, {"p": projection})
    fired = np.isin(np.arange(12), found.spikes["a"].step[found.spikes["a"].trial == 0])
    left = [0.0]
    for spike in fired:
        left.append(left[-1] * np.exp(-1 / 2) + 2 * spike)
    assert fired.sum() == 3
    np.testing.assert_allclose(found.traces["b", "y"].values[0, :-1, 0], left[:-1], rtol=1e-14)


def test_a_filter_stands_still_in_a_trial_that_has_ended(run):
    made = {"a": population("count", 1), "b": population("read", 1), "c": population("sum", 1, enough=10)}
    projections = {
        "p": RING | {"from": "a.x", "to": "b.h", "kernel": {"low_pass": {"tau": "3 steps"}}},
        "q": RING | {"from": "a.x", "to": "c.h"},
    }
    epochs = [{"name": "go", "duration": "30 steps", "until": "done"}]
    y = run(made, projections, epochs=epochs).traces["b", "y"].values[0, :-1, 0]
    assert len(set(y[6:].tolist())) == 1  # 0 + 1 + 2 + 3 + 4 = 10
    assert (np.diff(y[:5]) > 0).all()


@pytest.mark.parametrize("delay", [1, 4])
def test_states_hear_a_delayed_signal_when_outputs_do(run, delay):
    """A sum of its input: s(t + 1) = s(t) + x(t - delay)."""
    projections = {"p": RING | {"from": "a.x", "to": "b.h", "kernel": {"delay": {"steps": delay}}}}
    projections["q"] = RING | {"from": "a.x", "to": "c.h", "kernel": {"delay": {"steps": delay}}}
    made = {"a": population("count", 1), "b": population("sum", 1, enough=1e9), "c": population("read", 1)}
    found = run(made, projections)
    heard = [max(0, t - delay) for t in range(12)]
    assert found.traces["c", "y"].values[0, :-1, 0].tolist() == heard
    assert found.traces["b", "s"].values[0, :, 0].tolist() == [0, *np.cumsum(heard)]


@pytest.mark.parametrize("carrier", ["signal", "spikes", "message"])
def test_a_flag_below_zero_is_a_flag(run, carrier):
    """Whatever carries it, a mask lets pass what has a flag other than zero: here -1 in odd steps."""
    given = {"signal": {"from": "s.x"}, "spikes": {"from": "s"}, "message": {"from": "s.x", "message": "w*x_pre"}}[
        carrier
    ]
    projections = {
        "gate": RING | {"from": "a.odd", "to": "b.flag", "weights": -1},
        "p": RING | given | {"to": "b.h", "only": "flag"},
    }
    made = {"a": population("count", 1), "b": population("read", 2), "s": population("pulse", 1, every=1)}
    y = run(made, projections).traces["b", "y"].values[0, :-1, 0]
    late = carrier == "spikes"  # they are felt a step later
    assert [bool(value) for value in y] == [bool((t - late) % 2) and t > 0 for t in range(12)]


def test_spikes_are_masked_too(run):
    """Spikes of every step; the flag of a cell is set in odd steps."""
    projections = {
        "gate": RING | {"from": "a.odd", "to": "b.flag"},
        "p": RING | {"from": "s", "to": "b.h", "only": "flag"},
    }
    made = {"a": population("count", 1), "b": population("read", 2), "s": population("pulse", 3, every=1)}
    found = run(made, projections)
    assert found.traces["b", "y"].values[1, 1:, 0].tolist() == [3 * (t % 2) for t in range(12)]


def test_a_message_travels_where_the_matrix_has_an_entry(run):
    def change(circuit, world):
        views = {"p": replace(circuit.projections["p"], matrix="m")}
        return replace(
            circuit, matrices={"m": Matrix("m", Dense(np.array([[1.0, 0.0], [0.5, 2.0]])))}, projections=views
        ), world

    projections = {"p": RING | {"from": "a.x", "to": "b.h", "message": "x_pre"}}
    found = run({"a": population("count", 2), "b": population("read", 2)}, projections, change=change)
    assert found.traces["b", "y"].values[0, 3].tolist() == [3, 6]


def test_a_delay_may_differ_between_post_cells(run):
    def change(circuit, world):
        late = replace(circuit.projections["p"], delay=np.array([1, 2, 5]) * circuit.dt)
        return replace(circuit, projections={"p": late}), world

    projection = RING | {"from": "a.x", "to": "b.h", "kernel": {"delay": {"steps": 5}}}
    found = run({"a": population("count", 1), "b": population("read", 3)}, {"p": projection}, change=change)
    for cell, delay in enumerate((1, 2, 5)):
        assert found.traces["b", "y"].values[1, :-1, cell].tolist() == [max(0, t - delay) for t in range(12)]


def test_only_flagged_cells_are_computed(run):
    """The flag of a cell is what it gets on another input: odd steps only."""
    projections = {
        "gate": RING | {"from": "a.odd", "to": "b.flag"},
        "p": RING | {"from": "a.x", "to": "b.h", "only": "flag"},
        "q": {"from": "a.x", "to": "c.h", "connect": {"fixed_probability": {"p": 0.5}}, "weights": 1, "only": "flag"},
        "gate_c": RING | {"from": "a.odd", "to": "c.flag"},
    }
    made = {"a": population("count", 1), "b": population("read", 2), "c": population("read", 40)}
    found = run(made, projections)
    assert found.traces["b", "y"].values[0, :-1, 1].tolist() == [t if t % 2 else 0 for t in range(12)]
    c = found.traces["c", "y"].values[0, :-1]
    assert not c[::2].any()
    assert 5 < (c[11] == 11).sum() < 35
    assert set(c[11]) == {0, 11}


def test_edges_carry_messages_of_their_own(run):
    projections = {"p": RING | {"from": "a.x", "to": "b.h", "message": "w*(x_pre - 2*open_post)"}}
    projections |= {"gate": RING | {"from": "a.odd", "to": "b.flag"}}
    found = run({"a": population("count", 3), "b": population("read", 2)}, projections)
    assert found.traces["b", "y"].values[1, :-1, 0].tolist() == [3 * (t - 2 * 3 * (t % 2)) for t in range(12)]


def test_reductions_over_a_population(run):
    def change(circuit, world):
        return circuit, replace(world, initial=world.initial | {("b", "s"): np.array([[5.0, 1, 9, 7], [2.0, 8, 3, 4]])})

    found = run({"b": population("sum", 4)}, {}, 3, change=change)
    for name, want in (("first", [2, 1]), ("runner_up", [7, 4]), ("total", [22, 17])):
        assert found.traces["b", name].values[:, 0, 3].tolist() == want


def test_a_trial_ends_early_and_stands_still(run):
    """Sums of different speed: each trial stops at its own step; the program stops when all have."""

    def change(circuit, world):
        return circuit, replace(world, initial=world.initial | {("a", "x"): np.array([[4.0], [1.0]])})

    projections = {"p": RING | {"from": "a.x", "to": "b.h"}}
    epochs = [{"name": "wait", "duration": "2 steps"}, {"name": "go", "duration": "60 steps", "until": "done"}]
    made = {"a": population("count", 1), "b": population("sum", 2, enough=60)}
    found = run(made, projections, epochs=epochs, change=change)
    s = found.traces["b", "s"].values[:, :, 0]
    for trial, start in enumerate((4, 1)):
        free = np.concatenate([[0], np.cumsum(start + np.arange(62))])
        end = max(2, int(np.argmax(2 * free >= 60)))
        assert s[trial].tolist() == [*free[:end], *[free[end]] * (63 - end)]
    assert s.shape == (2, 63)


def test_a_later_epoch_goes_on_where_a_trial_ended(run):
    projections = {"p": RING | {"from": "a.x", "to": "b.h"}}
    epochs = [{"name": "go", "duration": "30 steps", "until": "done"}, {"name": "more", "duration": "3 steps"}]
    found = run({"a": population("count", 1), "b": population("sum", 1, enough=10)}, projections, epochs=epochs)
    x = found.traces["a", "x"].values[0, :, 0]
    assert x[[5, 10, 30]].tolist() == [5, 5, 5]  # 0 + 1 + 2 + 3 + 4 = 10
    assert x[-1] == 8


def test_edges_of_a_trial_that_ended_stand_still(run):
    """A weight that grows by one in every step of learning counts the steps that its trial took."""

    def change(circuit, world):
        return circuit, replace(world, initial=world.initial | {("a", "x"): np.array([[4.0], [1.0]])})

    rule = {"plastic": True, "step": ["w = w + 1"]}
    projections = {
        "p": RING | {"from": "a.x", "to": "b.h", "weights": 0, "plastic": "r"},  # a gain of 0: it only counts
        "q": RING | {"from": "a.x", "to": "b.h"},
    }
    epochs = [
        {"name": "go", "duration": "40 steps", "until": "done", "learn": ["p"]},
        {"name": "rest", "duration": "2 steps"},
    ]
    made = {"a": population("count", 1), "b": population("sum", 1, enough=200)}
    found = run(made, projections, epochs=epochs, synapses={"r": rule}, change=change)
    ended = [int(np.argmax(row >= 200)) for row in found.traces["b", "s"].values[:, :41, 0]]
    assert ended[0] != ended[1]
    assert found.weights["p"].values.ravel().tolist() == [1 + steps for steps in ended]


def test_a_silenced_population_does_not_fire(run):
    epochs = [{"name": "a", "duration": "9 steps"}, {"name": "b", "duration": "9 steps", "silence": "p"},
              {"name": "c", "duration": "9 steps"}]  # fmt: skip
    found = run({"p": population("pulse", 2), "q": population("count", 1)}, {}, epochs=epochs)
    steps = set(found.spikes["p"].step.tolist())
    assert steps
    assert not [step for step in steps if 9 <= step < 18]
    assert [step for step in steps if step >= 18]


def test_weights_follow_their_statements_at_spikes(run, device):
    """Every statement is replayed on the recorded spikes; the order is: deliver, then pre, then post."""
    rule = {
        "plastic": True,
        "params": {"up": 0.25, "keep": 0.5},
        "variables": {"seen": 1},
        "pre": ["seen = keep*seen + 1", "w += up"],
        "post": ["w = w*(1 + seen)"],
    }
    projections = {"p": {"from": "a", "to": "b.h", "connect": {"fixed_probability": {"p": 0.6}}, "weights": 1,
                         "plastic": {"r": {"up": 0.5}}}}  # fmt: skip
    epochs = [{"name": "off", "duration": "5 steps"}, {"name": "on", "duration": "9 steps", "learn": ["p"]},
              {"name": "after", "duration": "4 steps"}]  # fmt: skip
    made = {"a": population("pulse", 5, every=3), "b": population("pulse", 4, every=4, phase=1)}
    found = run(made, projections, epochs=epochs, synapses={"r": rule}, trials=3, batch=2)
    edges = found.weights["p"]
    assert 5 < edges.pre.size < 20
    fired = {name: {(int(t), int(k), int(c)) for t, k, c in zip(s.trial, s.step, s.cell, strict=True)}
             for name, s in found.spikes.items()}  # fmt: skip
    w, seen = np.ones((3, edges.pre.size)), np.zeros((3, edges.pre.size))
    heard = np.zeros((3, 19, 4))
    for step in range(18):
        for trial in range(3):
            for e, (pre, post) in enumerate(zip(edges.pre, edges.post, strict=True)):
                if (trial, step, pre) in fired["a"]:
                    heard[trial, step + 1, post] += w[trial, e]
            for e, (pre, post) in enumerate(zip(edges.pre, edges.post, strict=True)):
                if 5 <= step < 14 and (trial, step, pre) in fired["a"]:
                    seen[trial, e] = 0.5 * seen[trial, e] + 1
                    w[trial, e] += 0.5
                if 5 <= step < 14 and (trial, step, post) in fired["b"]:
                    w[trial, e] *= 1 + seen[trial, e]
    np.testing.assert_allclose(edges.values, w, rtol=1e-14)
    np.testing.assert_allclose(found.traces["b", "y"].values, heard, rtol=1e-14)


def test_weights_learn_at_the_end_of_an_epoch_and_are_pruned(run):
    rule = {
        "plastic": True,
        "params": {"rate": 2, "least": 12},
        "event": {"epoch_end": ["w += rate*x_pre*open_post"]},
        "prune": "abs(w) < least",
    }
    projections = {
        "gate": RING | {"from": "g.x", "to": "b.flag"},
        "p": {"from": "a.x", "to": "b.h", "connect": "all", "weights": 1, "plastic": {"r": {"least": 12}}},
    }

    def change(circuit, world):
        return circuit, replace(world, initial=world.initial | {("a", "x"): np.array([[0.0, 1, 2]] * 2)})

    epochs = [
        {"name": "one", "duration": "3 steps", "learn": ["p"]},
        {"name": "two", "duration": "3 steps", "learn": ["p"]},
    ]
    made = {"a": population("count", 3), "b": population("read", 2), "g": population("count", 1)}
    found = run(made, projections, epochs=epochs, synapses={"r": rule}, change=change)
    w = np.ones(3)
    for step in (2, 5):  # x of cell n is n + step, open is step
        alive = w != 0
        w = w + 2 * (np.arange(3) + step) * step * alive
        w[np.abs(w) < 12] = 0
    edges = found.weights["p"]
    assert (w == 0).any()
    assert (w != 0).any()
    assert edges.values.tolist() == [w[edges.pre].tolist()] * 2


def test_edges_draw_random_numbers_of_their_own(run):
    rule = {"plastic": True, "step": ["w = rand()"]}
    projections = {"p": RING | {"from": "a.x", "to": "b.h", "plastic": "r"}}
    made = {"a": population("count", 5), "b": population("read", 7)}
    epochs = [{"name": "on", "duration": "4 steps", "learn": ["p"]}]
    found = run(made, projections, epochs=epochs, synapses={"r": rule}, trials=5, batch=2).weights["p"].values
    again = run(made, projections, epochs=epochs, synapses={"r": rule}, trials=5, batch=4).weights["p"].values
    assert np.array_equal(found, again)
    assert len(set(found.ravel().tolist())) == found.size == 5 * 35
    assert 0.4 < found.mean() < 0.6


def test_shares_of_edges_add_up_in_the_post_cell(run):
    """In every step the edges give ``w*x`` to the sum of the post cell, then learn, then the cell adds its input."""
    rule = {"plastic": True, "step": ["s_post += w*x_pre", "w += 1"]}
    projections = {"p": RING | {"from": "a.x", "to": "b.h", "plastic": "r"}}
    made = {"a": population("count", 2), "b": population("sum", 3, enough=1e9)}
    epochs = [{"name": "on", "duration": "5 steps", "learn": ["p"]}]
    found = run(made, projections, epochs=epochs, synapses={"r": rule})
    given = sum(2 * (1 + step) * step for step in range(5))
    arrived = sum(2 * (1 + step) * step for step in range(5))  # the input of a step was summed before its learning
    assert found.weights["p"].values.tolist() == [[6.0] * 6] * 2
    assert found.traces["b", "s"].values[:, -1].tolist() == [[given + arrived] * 3] * 2


def test_a_matrix_that_learns_changes_in_every_view(run):
    """One matrix, read forwards by the projection that learns and backwards by another."""
    w = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 5.0]])

    def change(circuit, world):
        views = {name: replace(p, matrix="m") for name, p in circuit.projections.items()}
        views["down"] = replace(views["down"], transpose=True)
        return replace(circuit, matrices={"m": Matrix("m", Dense(w))}, projections=views), world

    rule = {"plastic": True, "step": ["w = w + x_pre"]}
    projections = {
        "up": RING | {"from": "a.x", "to": "b.h", "plastic": "r"},
        "down": RING | {"from": "b.y", "to": "c.h"},
    }
    made = {"a": population("count", 3), "b": population("read", 2), "c": population("read", 3)}
    epochs = [{"name": "on", "duration": "4 steps", "learn": ["up"]}]
    found = run(made, projections, epochs=epochs, synapses={"r": rule}, change=change)
    for step in range(4):
        y = w @ np.full(3, float(step))
        np.testing.assert_allclose(found.traces["b", "y"].values[0, step], y)
        np.testing.assert_allclose(found.traces["c", "y"].values[1, step], w.T @ y)
        w = w + step
    np.testing.assert_allclose(found.weights["up"].values[0], w.T.ravel())


# Cells that stand still: 'walk' calls one of four gates after the other, and cells are awake while a gate of theirs is
# open.  All that they put out and how they move is zero elsewhere, so that the circuit is the same without 'only'.
STILL = {
    "walk": {"states": {"at": 1}, "update": ["at = (at + 1) % 5"], "output": {"called": "at - 1"}},
    "gate": {"inputs": {"called": 1}, "params": {"place": 0}, "output": {"open": "int(abs(called - place) < 0.5)"}},
    "member": {"inputs": {"flag": 1, "h": 1, "all": 1}, "states": {"x": 1}, "params": {"noise": 0},
               "output": {"awake": "int(flag != 0)", "y": "awake*(h + all + noise*rand() + 1)", "z": "y*awake"},
               "update": ["x = x + z"]},
    "end": {"inputs": {"h": 1}, "states": {"s": 1}, "params": {"enough": 100}, "update": ["s = s + h"],
            "output": {"done": "int(s >= enough)"}},
}  # fmt: skip
MEMBERS, TARGETS = 40, 7
WEIGHTS = {"open": (MEMBERS, 4), "too": (MEMBERS, 4), "again": (MEMBERS, 4), "forward": (MEMBERS, MEMBERS),
           "out": (TARGETS, MEMBERS)}  # fmt: skip


def few_entries(circuit, world):
    """Sparse weights in whole and broken numbers; a gate opens for about a tenth of the cells."""
    rng, matrices, views = np.random.default_rng(2), dict(circuit.matrices), dict(circuit.projections)
    for name, shape in WEIGHTS.items():
        values = np.where(rng.random(shape) < 0.08, rng.integers(1, 4, shape) / 3, 0.0)
        matrices[name] = Matrix(name, Dense(values))
        views[name] = replace(views[name], matrix=name)
    return replace(circuit, matrices=matrices, projections=views), world


@pytest.fixture
def standing(run, tmp_path):
    for name, cell in STILL.items():
        (tmp_path / "cells" / f"{name}.yaml").write_text(json.dumps({"title": name} | cell))

    def go(only, noise=0.5, enough=1e9, called=1, **settings):
        mask = {"only": "flag"} if only else {}
        member = {"size": MEMBERS, "cell": "member", "params": {"noise": noise}} | mask
        populations = {
            "walk": {"size": called, "cell": "walk"},
            "gate": {"size": 4, "cell": "gate", "params": {"place": {"index": {}}}},
            "member": member,
            "other": member,  # has two projections that wake it
            "target": {"size": TARGETS, "cell": "read"},
            "end": {"size": 1, "cell": "end", "params": {"enough": enough}},
        }
        everywhere = {"connect": "all"}
        projections = {
            "call": {"from": "walk.called", "to": "gate.called"} | everywhere,
            "open": {"from": "gate.open", "to": "member.flag"} | everywhere,
            "too": {"from": "gate.open", "to": "other.flag"} | everywhere,
            "again": {"from": "gate.open", "to": "other.flag", "weights": 0.5} | everywhere,
            "forward": {"from": "other.x", "to": "member.h"} | everywhere | mask,
            "every": {"from": "walk.at", "to": "member.all", "weights": 0.25} | everywhere,
            "out": {"from": "member.y", "to": "target.h"} | everywhere,
            "sum": {"from": "other.y", "to": "end.h"} | everywhere,
        }
        return run(populations, projections, change=few_entries, **settings)

    return go


def same_everywhere(one, other):
    assert one.traces.keys() == other.traces.keys()
    for key, trace in one.traces.items():
        assert np.array_equal(trace.values, other.traces[key].values), key


def test_cells_that_stand_still_change_nothing(standing):
    found = standing(only=True, steps=23, trials=3, batch=2)
    same_everywhere(found, standing(only=False, steps=23, trials=3, batch=2))
    awake = found.traces["member", "awake"].values
    assert 0.01 < awake.mean() < 0.2
    assert (awake.max(axis=1) == 1).any(axis=1).all()
    assert found.traces["member", "x"].values.max() > 3
    assert found.traces["target", "y"].values.max() > 1
    assert found.traces["end", "s"].values.max() > 5


def test_cells_stand_still_in_trials_that_have_ended(standing):
    epochs = [{"name": "a", "duration": "30 steps", "until": "done"}, {"name": "b", "duration": "12 steps"}]
    found = standing(only=True, enough=12, trials=3, epochs=epochs)
    same_everywhere(found, standing(only=False, enough=12, trials=3, epochs=epochs))
    sums = found.traces["end", "s"].values[:, :, 0]
    assert len({int(np.argmax(row >= 12)) for row in sums}) > 1  # at different times
    assert (np.diff(sums[:, :31], axis=1) == 0).sum(axis=1).min() > 5
    assert (sums[:, -1] > sums[:, 30]).all()


def test_a_list_is_in_order_where_several_gates_are_open(run, tmp_path, standing):
    del standing
    gates = {"size": 4, "cell": "gate", "params": {"place": 0}}  # all are open together
    populations = {
        "walk": {"size": 1, "cell": "walk"},
        "gate": gates,
        "other": {"size": MEMBERS, "cell": "member", "params": {"noise": 0.3}},
        "target": {"size": TARGETS, "cell": "read"},
        "end": {"size": 1, "cell": "end"},
    }
    found = []
    for only in ({"only": "flag"}, {}):
        populations["member"] = {"size": MEMBERS, "cell": "member", "params": {"noise": 0.3}} | only
        everywhere = {"connect": "all"}
        projections = {
            "call": {"from": "walk.called", "to": "gate.called"} | everywhere,
            "open": {"from": "gate.open", "to": "member.flag"} | everywhere,
            "too": {"from": "gate.open", "to": "other.flag"} | everywhere,
            "again": {"from": "gate.open", "to": "other.flag"} | everywhere,
            "forward": {"from": "other.x", "to": "member.h"} | everywhere | only,
            "out": {"from": "member.y", "to": "target.h"} | everywhere,
            "sum": {"from": "member.y", "to": "end.h"} | everywhere,
        }
        found.append(run(populations, projections, change=few_entries))
    same_everywhere(*found)
    assert found[0].traces["member", "awake"].values.sum() > 10
