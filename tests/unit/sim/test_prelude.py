"""When are headers compiled for all programs, and what if that fails?  The compiler is a few lines of shell."""

from pathlib import Path

import pytest

from neuroam.sim import cache, prelude

FLAGS = ("-O3",)


@pytest.fixture
def compiler(tmp_path, monkeypatch):
    """A compiler that writes down how it was called, in a new cache; ``fails`` says that it refuses."""
    monkeypatch.setenv("NEUROAM_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "compiler"

    def made(fails: bool = False) -> str:
        path.write_text(
            f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\nfor last; do :; done\necho made > "$last"\nexit {int(fails)}\n'
        )
        path.chmod(0o755)
        return str(path)

    made.calls = lambda: (tmp_path / "calls").read_text().splitlines() if (tmp_path / "calls").exists() else []
    return made


def programs(count: int) -> None:
    for number in range(count):
        cache.obtain(f"{number:032x}", lambda staged: (staged / "main").write_text("a program"))


def test_for_a_few_programs_they_are_not_worth_it(compiler):
    programs(prelude.WORTH - 1)
    assert prelude.prelude(compiler(), FLAGS, ()) == []
    assert compiler.calls() == []


def test_they_are_made_once_and_lie_beside_their_precompiled_form(compiler):
    programs(prelude.WORTH)
    first = prelude.prelude(compiler(), FLAGS, ("version 1",))
    assert first[0] == "-include"
    header = Path(first[1])
    assert header.read_text().startswith("#include <algorithm>\n")
    assert header.with_name("prelude.h.gch").read_text() == "made\n"
    assert prelude.prelude(compiler(), FLAGS, ("version 1",)) == first
    assert len(compiler.calls()) == 1


@pytest.mark.parametrize(("flags", "facts"), [(("-O2",), ("version 1",)), (FLAGS, ("version 2",))])
def test_other_options_and_compilers_have_their_own(compiler, flags, facts):
    programs(prelude.WORTH)
    assert prelude.prelude(compiler(), FLAGS, ("version 1",)) != prelude.prelude(compiler(), flags, facts)
    assert len(compiler.calls()) == 2


def test_a_compiler_that_refuses_compiles_programs_without_them(compiler):
    programs(prelude.WORTH)
    assert prelude.prelude(compiler(fails=True), FLAGS, ()) == []


def test_a_small_cache_is_left_to_programs(compiler, monkeypatch):
    programs(prelude.WORTH)
    monkeypatch.setenv("NEUROAM_CACHE_SIZE", "100 MB")
    assert prelude.prelude(compiler(), FLAGS, ()) == []
