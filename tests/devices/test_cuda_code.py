"""CUDA programs of every shipped model: written without a toolkit; compiled and linked where nvcc is (slow).

What a program computes is tested without a GPU in `test_cuda_on_cpu`, with one in `test_cuda`.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

import neuroam
from neuroam import recorded, shipped
from neuroam.errors import EnvironmentLacks
from neuroam.resolve import resolve
from neuroam.sim import cuda, cuda_kernels, cuda_tools, noise, signals
from neuroam.sim.cuda_plan import FIRED
from neuroam.sim.structure import Wanted
from neuroam.sim.trial import prepare, write_program

pytest.importorskip("brian2cuda", reason="brian2cuda is not installed")

SMALL = {
    "patterns.memory.bernoulli": {"size": 12, "count": 3},
    "epochs.cue.duration": "10 ms",
    "epochs.settle.duration": "10 ms",
    "trials": 2,
    "measure": {"overlap": {"port": "memory"}},
}
# with what a stage has learned, the program is that of noisy_clusters_discrete or sequence_hidden
LEARNED = ("noisy_clusters_learned", "sequence_hidden_learned", "correlation_cascade_learned")
MODELS = [name for name in shipped.names("models") if name not in LEARNED]
# models that have no port 'memory', with a protocol of theirs
ODOURS = {"patterns.odour.odours": {"count": 4, "receptors": 6, "then": ["rectify"]}}
SUBSPACE = {
    "patterns.memory.subspace": {"count": 2, "generators": 3, "size": 24, "clusters": 3, "degree": 1},
    "measure": {},
}
SEQUENCE = {"epochs.replay.duration": "10 ms", "measure": {}}
CLUSTERS = SUBSPACE | {"epochs.recall.duration": "10 steps"}
SEVERAL = {"patterns.memory.bernoulli": {"size": 12, "count": 3}, "networks": 1, "measure": {}}
CASCADE = {"patterns.memory.bernoulli": {"size": 12, "count": 6}}
OWN = {
    **dict.fromkeys(("noisy_clusters", "noisy_clusters_lif"), ("recall_noisy", CLUSTERS)),
    "noisy_clusters_discrete": ("noise_benefit", CLUSTERS),
    "cascade_learning": ("store_cascade", CASCADE),
    **dict.fromkeys(
        (name for name in MODELS if name.startswith("correlation_")),
        ("recall_correlated", SEVERAL | {"epochs.recall.duration": "10 ms", "epochs.recall.set.gain": 1}),
    ),
    "correlation_control": ("recall_correlated", SEVERAL | {"epochs.recall.duration": "10 ms", "trials": 1}),
    "correlation_learning": ("store_correlated", SEVERAL),
    **dict.fromkeys(
        ("correlation_cascade_aware", "correlation_cascade_ignoring", "correlation_cascade_once"),
        (
            "recall_by_age",
            CASCADE
            | {"trials.patterns": [5, 0], "epochs.recall.duration": "10 steps", "measure": {}}
            | {"epochs.recall.set.gain": 1, "networks": 1},
        ),
    ),
    "constraint_learning": ("learn_constraints", SUBSPACE | {"epochs.learn.times": 1}),
    **dict.fromkeys(
        (
            name
            for name in MODELS
            if name.startswith(("sequence_d", "sequence_e", "sequence_g", "sequence_m", "sequence_r"))
        ),
        ("recall_frames", {"patterns.memory.moving_digits": {"count": 3, "size": 16}, "measure": {}}),
    ),
    **dict.fromkeys(
        ("sequence_lif", "sequence_lif_chain"), ("replay_sequence", SEQUENCE | {"patterns.memory.k_hot.size": 20})
    ),
    **dict.fromkeys(
        ("sequence_output", "sequence_hidden", "sequence_chain", "sequence_delay"),
        ("replay_two_layer", SEQUENCE | {"patterns.memory.bernoulli": {"size": 12, "count": 3}}),
    ),
    "sequence_learning": (
        "learn_slow_weights",
        {"patterns.memory.bernoulli": {"size": 12, "count": 3}, "epochs.first.duration": "5 ms"}
        | {"epochs.second.duration": "5 ms", "measure": {}},
    ),
    "bio_hash": ("learn_hash", {"patterns.image.images": {"count": 5}, "populations.kc.size": 4, "measure": {}}),
    "bio_hash_spikes": (
        "learn_hash_spikes",
        {"patterns.image.images.count": 5, "populations.kc.size": 4, "measure": {}},
    ),
    "fly_hash": ("hash_images", {"patterns.image.images": {"count": 5}, "measure": {}}),
    "mushroom_body_lif": ("odour_panel", ODOURS | {"populations.kc.size": 30}),
    "mushroom_body_rate": ("odour_panel", ODOURS),
    "mushroom_body_rate_memory": ("odour_conditioning", ODOURS | {"trials": 2}),
    "word_embedding": ("word_codes", {"epochs.learn.stream.passes": 1, "populations.kc.size": 9, "measure": {}}),
    "mushroom_body_memory": ("odour_conditioning", ODOURS | {"populations.kc.size": 30, "trials": 2}),
}


def write(path: Path, data: Any) -> Path:
    """JSON is YAML."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def circuit_of(model: str, **settings: Any) -> tuple[Any, ...]:
    protocol, small = OWN.get(model, ("recall_random", SMALL))
    spec = neuroam.load(protocol, model, small | settings)
    circuit, trials = resolve(spec)
    return circuit, trials, recorded.wanted(spec, circuit, trials)


def program(folder: Path, *circuit: Any, compiled: bool = False) -> Any:
    """The plan on a GPU of what was written into ``folder``."""
    write_program(prepare(*circuit), "cuda", folder, compiled=compiled)
    return cuda.prepare(prepare(*circuit).blueprint).plan


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without nvcc, cuRAND and GPU."""
    monkeypatch.setattr(cuda_tools, "nvcc", lambda: None)
    monkeypatch.setattr(cuda_tools, "curand", lambda: None)
    monkeypatch.setattr(cuda_tools, "gpu", lambda: "none here")
    monkeypatch.setenv("PATH", "")


def sources(folder: Path) -> dict[str, str]:
    return {path.name.removesuffix("_codeobject.cu"): path.read_text() for path in folder.glob("code_objects/*.cu")}


@pytest.mark.parametrize("model", MODELS)
def test_every_shipped_model_becomes_cuda(model, bare, tmp_path):
    plan = program(tmp_path, *circuit_of(model))
    what_the_plan_says_is_written(plan, tmp_path)
    the_code_is_the_gpus_and_its_names_are_in_lower_case(plan, tmp_path)


def what_the_plan_says_is_written(plan: Any, tmp_path: Path) -> None:
    texts = sources(tmp_path)
    for code in plan.codes:
        kernel = plan.kernels.get(code.kernel)
        if kernel:
            assert f"static inline double {kernel.name}_sum(" in texts[code.name]
            assert f"{kernel.name}_get(i)" in texts[code.name]
            assert (FIRED in texts[code.name]) == kernel.spikes
        for function in re.findall(r"\b(?:stim|ctl|hold|gaussian|uniform|pick)_?\w*(?=\()", code.text):
            made = f"{function}_{plan.groups[code.population].name}"
            made += "_ready" * function.startswith(("gaussian", "uniform"))
            assert re.search(rf"(NEUROAM_INLINE|static inline) double {made}\(", texts[code.name]), function
    held = set(json.loads((tmp_path / "manifest.json").read_text())["arrays"])
    written = {path.name for path in (tmp_path / "static_arrays").iterdir()}
    assert held == set(arrays(plan)) == {name for name in written if not name.startswith("_static_array")}
    declared = (tmp_path / "objects.h").read_text()
    assert all(f" *d{name};" in declared for name in held)


def arrays(plan: Any) -> list[str]:
    """Everything that kernels, signals and noise read."""
    names = [name for kernel in plan.kernels.values() for name in cuda_kernels.array_names(kernel)]
    for group in plan.groups.values():
        names += [f"{part}_{signals.key(group.name, table)}" for table in group.tables for part in ("row", "tab")]
        names += [f"{draw.name}_{group.name}_{part}" for draw in group.noises for part in ("key", "trial")]
        names += [f"steps_{line.name}_{group.name}" for line in group.lines]
        names += [f"at_{look.name}_{group.name}" for look in group.lookups]
    return names


def the_code_is_the_gpus_and_its_names_are_in_lower_case(plan: Any, tmp_path: Path) -> None:
    for name, text in sources(tmp_path).items():
        assert name == name.lower()
        assert not any(word in text for word in ("std::vector", "nth_element", "std::greater")), name
        for line in text.splitlines():
            if "static inline" in line:
                ring = re.search(r"\b(delay|box)_\w+\(", line)  # its memory is the GPU's: no function of the host
                wanted = "__device__" if ring else "__host__ __device__"
                assert wanted in line or line.strip() == "#define NEUROAM_INLINE static inline", line
    assert all(group.name == group.name.lower() for group in plan.groups.values())
    # the options of the host compiler are missing here, for Brian2 asks that compiler which it knows
    flags = re.search(r"^NVCCFLAGS = (.*?) -Xcompiler", (tmp_path / "makefile").read_text(), re.MULTILINE)[1].split()
    assert flags.index("-std=c++17") > flags.index("-std=c++11")
    assert "-fmad=false" in flags
    assert not any("fast" in flag for flag in flags)


def test_equal_circuits_are_written_equally_and_brian2_stays_as_it_was(bare, tmp_path):
    import brian2

    before = {name: brian2.prefs[name] for name in brian2.prefs}
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        program(tmp_path / name, *circuit_of("two_body_softmax"))
    first, second = (sorted(path for path in (tmp_path / name).rglob("*")) for name in ("first", "second"))
    assert [path.name for path in first] == [path.name for path in second]
    assert all(one.is_dir() or one.read_bytes() == two.read_bytes() for one, two in zip(first, second, strict=True))
    assert {name: brian2.prefs[name] for name in brian2.prefs} == before
    assert brian2.get_device() is brian2.all_devices["runtime"]


def test_compiling_without_nvcc_is_refused(bare, tmp_path):
    with pytest.raises(EnvironmentLacks, match="no nvcc found"):
        program(tmp_path, *circuit_of("two_body_discrete"), compiled=True)
    assert not list(tmp_path.iterdir())


RING = {"connect": "all", "weights": 1}
GROWING = {"title": "growing", "plastic": True, "step": ["s_post += w*x_pre", "w = 0.9*w + rand()"]}
COUNTING = {"title": "counting", "states": {"x": 1}, "params": {"by": 1}, "update": ["x = x + by"],
            "output": {"odd": "x % 2"}}  # fmt: skip
SUMMING = {"title": "summing", "inputs": {"h": 1, "flag": 1}, "states": {"s": 1}, "update": ["s = s + h"],
           "reduce": {"total": "sum(s)"}, "output": {"done": "int(total >= 60)", "open": "flag"}}  # fmt: skip
GATE = RING | {"from": "a.odd", "to": "b.flag"}
# what a projection from a.x to b.h has besides, what the epoch says, and what the code must hold
MECHANISMS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "delay": ({"kernel": {"delay": {"steps": 4}}}, {}, r"__device__ double ring_delay_p_pop_b\["),
    "box": ({"kernel": {"box": {"steps": 4}}}, {}, r"sums_box_p_pop_b\["),
    "only": ({"only": "flag"}, {}, r"if \(flag\[i\] == 0\) return 0;"),
    "message": ({"message": "w*(x_pre - 2*open_post)"}, {}, r"look_post_open\(i\) look_post_open_edge_p_of\(i, _ptr"),
    "until": ({}, {"until": "done"}, r"const real total = x\[0\];"),
    "plastic step": ({"plastic": "growing"}, {"learn": ["p"]}, r"own \+ \(size_t\)b\*"),
}


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("precision", ["double", "single"])
def test_every_mechanism_becomes_cuda(mechanism, precision, bare, tmp_path):
    more, epoch, expected = MECHANISMS[mechanism]
    for name, data in {"cells/counting": COUNTING, "cells/summing": SUMMING, "synapses/growing": GROWING}.items():
        write(tmp_path / f"{name}.yaml", data)
    made = {
        "format": 1, "title": "t", "time": {"discrete": "synchronous"},
        "populations": {"a": {"size": 3, "cell": "counting"}, "b": {"size": 2, "cell": "summing"}},
        "projections": {"p": RING | {"from": "a.x", "to": "b.h"} | more, "gate": GATE},
    }  # fmt: skip
    model = write(tmp_path / "model.yaml", made)
    world = {"format": 1, "title": "t", "trials": 2, "epochs": [{"name": "all", "duration": "9 steps"} | epoch]}
    circuit, trials = resolve(neuroam.load(write(tmp_path / "protocol.yaml", world), model))
    prepared = prepare(circuit, trials, Wanted((), {("b", "s"): 1}), precision=precision)
    cuda.write_program(prepared.blueprint, next(prepared.runs).arrays, tmp_path / "made", compiled=False)
    text = "\n".join(sources(tmp_path / "made").values())
    assert re.search(expected.replace("double", prepared.blueprint.real), text)
    assert "std::vector" not in text
    assert ("double" if precision == "single" else "float") not in re.findall(r"typedef (\w+) real;", text)


# ---- with nvcc --------------------------------------------------------------------------------------------------

ALONE = """
#include <cmath>
#include <cstdint>
#include <cstring>
@SUPPORT@
__global__ void all(uint64_t key, uint32_t step, double* out) {
  const uint32_t i = blockIdx.x*blockDim.x + threadIdx.x;
  out[4*i] = neuroam_uniform(key, 1u, 0u, step, i);
  out[4*i+1] = neuroam_gaussian(key, 2u, 0u, step, i);
  out[4*i+2] = neuroam_bernoulli(key, 3u, 0u, step, i, 0.3);
  out[4*i+3] = neuroam_poisson(key, 4u, 0u, step, i, 2.5);
}
"""


@pytest.mark.skipif(not cuda_tools.has_nvcc(), reason="nvcc is not installed")
def test_nvcc_takes_the_noise_as_it_is(tmp_path):
    (tmp_path / "noise.cu").write_text(ALONE.replace("@SUPPORT@", noise.CPP_SUPPORT))
    command = [cuda_tools.nvcc(), *cuda.NVCC_FLAGS, "-ptx", "noise.cu", "-o", "noise.ptx"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    text = (tmp_path / "noise.ptx").read_text()
    assert "fma." not in text
    assert "div.approx" not in text
    # the tables lie in the GPU's memory: nothing of them is made anew by every thread
    assert len(re.findall(r"^\.global .*\.b8 \S*neuroam_\w+\S*\[\d+\] = ", text, re.MULTILINE)) == 8


@pytest.mark.slow
@pytest.mark.skipif(bool(cuda_tools.lacking("compile")), reason="; ".join(cuda_tools.lacking("compile")) or "all there")
def test_nvcc_compiles_and_links_dense_weights_noise_delays_and_spikes(tmp_path):
    late = {"projections.complete.delay": "2 ms"}
    plan = program(tmp_path, *circuit_of("two_body_lif", **late), compiled=True)
    assert any(group.lines for group in plan.groups.values())
    assert {kernel.kind for kernel in plan.kernels.values()} >= {"dense", "ones"}
    assert all(kernel.spikes for kernel in plan.kernels.values())
    assert any(group.noises for group in plan.groups.values())
    flags = re.search(r'-Xcompiler "(.*)"', (tmp_path / "makefile").read_text())[1].split()
    assert set(flags) >= set(cuda.HOST_FLAGS)
    done = subprocess.run([str(tmp_path / "main")], cwd=tmp_path, capture_output=True, text=True)
    # without a GPU it must say so, and not pretend to have run
    assert (done.returncode == 0) == cuda_tools.has_gpu(), done.stderr
