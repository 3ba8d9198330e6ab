"""Programs for machines that cannot make them; here, the same machine plays both."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

import neuroam
from neuroam.errors import EnvironmentLacks
from neuroam.sim import build, cache, devices, lend

PROTOCOL = """
format: 1
title: Two steps
model: two_body_softmax
patterns: {memory: {bernoulli: {size: 10, count: 2}}}
epochs: [{name: cue, duration: 1 ms, show: {}, into: memory}]
trials: 2
measure: {overlap: {port: memory}}
"""


@pytest.fixture
def protocol(tmp_path):
    path = tmp_path / "two.yaml"
    path.write_text(PROTOCOL, encoding="utf-8")
    return path


@pytest.fixture
def there(monkeypatch, tmp_path):
    """A machine with nothing to compile with, and a cache of its own."""

    def go():
        monkeypatch.setattr(lend, "builds_here", lambda: False)
        monkeypatch.setattr(devices, "compiler", lambda: None)
        monkeypatch.setenv("NEUROAM_CACHE", str(tmp_path / "there"))

    return go


def test_a_program_that_is_lent_gives_the_same_bytes(protocol, there, monkeypatch):
    here = neuroam.run(protocol, device="cpp")
    lender = lend.lender()
    assert len(lender) == 64
    with lend.borrowing(lender):
        there()
        assert devices.choose("auto") == ("cpp", "")
        with pytest.raises(lend.Missing) as caught:
            neuroam.run(protocol, device="cpp")
        assert not cache.entries()
        order = pickle.loads(pickle.dumps(caught.value.order))
        monkeypatch.undo()
        packed = lend.lend(replace(order, processor="flags : sse2"))  # one that has nothing of what this one has
        there()
        lend.take(packed)
        found = neuroam.run(protocol, device="auto")
        assert [entry.key for entry in cache.entries()] == [order.key]
    assert found.sha256 == here.sha256


def test_nobody_borrows_unasked(there):
    there()
    assert not lend.borrows()
    assert lend.lender() == ""
    with lend.borrowing(""):
        assert not lend.borrows()
        with pytest.raises(EnvironmentLacks, match="no C\\+\\+ compiler"):
            devices.choose("cpp")
    with lend.borrowing("somebody"):
        assert lend.borrows()
    assert not lend.borrows()


def test_a_machine_that_compiles_keeps_its_own(monkeypatch, tmp_path):
    monkeypatch.setenv("NEUROAM_CACHE", str(tmp_path / "here"))
    with lend.borrowing("somebody"):
        assert not lend.borrows()
    lend.take(lend.Packed("0" * 32, "not wanted", b"not even an archive"))
    assert not cache.entries()


def test_another_kind_of_machine_cannot_be_helped():
    order = lend.Order("0" * 32, None, {}, "pdp11", "")
    with pytest.raises(EnvironmentLacks, match="do not run on a worker .pdp11.: install Brian2"):
        lend.lend(order)


def test_what_processors_share():
    v2 = "flags : cx16 popcnt sse4_1 sse4_2 ssse3"
    v3 = f"{v2} avx avx2 bmi1 bmi2 f16c fma movbe"
    v4 = f"{v3} avx512f avx512bw avx512cd avx512dq avx512vl"
    assert [lend._march(text) for text in ("flags : sse2", v2, v3, v4)] == ["", "x86-64-v2", "x86-64-v3", "x86-64-v4"]
    assert lend._march(build.processor()) == "native"


def test_every_level_is_one_of_the_compiler():
    command = build._command()
    for level, _ in lend.LEVELS:
        assert f"-march={level}" in build.flags(command, level)
    assert not any(flag.startswith("-march") for flag in build.flags(command, ""))
    assert "-march=pdp11" not in build.flags(command, "pdp11")


def test_what_makes_a_program_is_part_of_its_key():
    targets = [build.HERE, build.Target("x86-64-v2"), build.Target("x86-64-v2", static=True), build.Target("")]
    assert len({build.maker(target) for target in targets}) == len(targets)
