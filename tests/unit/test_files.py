"""Data files lie beside the YAML file that names them, and are refused with a reason otherwise."""

from __future__ import annotations

import gzip
import io
import lzma
from pathlib import Path

import numpy as np
import pytest

from neuroam import files
from neuroam.errors import FunctionError

CSV = "name,a,b\nx,1,2.5\ny,-3,4e-1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "protocols"
    (inside / "data").mkdir(parents=True)
    (inside / "data" / "t.csv").write_text(CSV, encoding="utf-8")
    (inside / "t.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    (inside / "t.csv.xz").write_bytes(lzma.compress(CSV.encode()))
    (tmp_path / "secret.csv").write_text("a\n1\n", encoding="utf-8")
    (inside / "link.csv").symlink_to(tmp_path / "secret.csv")
    return inside


@pytest.mark.parametrize("name", ["data/t.csv", "t.csv.gz", "t.csv.xz"])
def test_a_table_is_read_plain_or_compressed(folder: Path, name: str) -> None:
    table = files.read_table(folder, name)
    assert table.columns == ("name", "a", "b")
    assert table.numeric_columns() == ("a", "b")
    assert np.array_equal(table.numbers("b"), [2.5, 0.4])
    assert table.texts("name") == ["x", "y"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "../secret.csv",
        "data/../../secret.csv",
        "data/../t.csv.gz",
        "C:/x.csv",
        "data\\t.csv",
        "a\0b",
        "link.csv",
    ],
)
def test_a_name_never_leads_out_of_the_folder(folder: Path, name: str) -> None:
    with pytest.raises(FunctionError, match=r"beside this one|leads out"):
        files.read_table(folder, name)


@pytest.mark.parametrize("name", ["missing.csv", "data"])
def test_a_file_must_be_there(folder: Path, name: str) -> None:
    with pytest.raises(FunctionError, match="there is no file"):
        files.read_table(folder, name)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is empty"),
        ("a,b\n1\n", "row 2: 1 entries where the first row has 2"),
        ("a,a\n1,2\n", "two columns"),
    ],
)
def test_what_is_no_table_is_refused(folder: Path, text: str, what: str) -> None:
    (folder / "bad.csv").write_text(text, encoding="utf-8")
    with pytest.raises(FunctionError, match=what):
        files.read_table(folder, "bad.csv")


def test_a_table_of_numbers_needs_no_header(folder: Path) -> None:
    (folder / "plain.csv").write_text("1,2\n3,4\n", encoding="utf-8")
    table = files.read_table(folder, "plain.csv")
    assert table.columns == ("c0", "c1")
    assert np.array_equal(table.numbers("c1"), [2.0, 4.0])


def test_a_column_is_named_and_holds_numbers(folder: Path) -> None:
    table = files.read_table(folder, "data/t.csv")
    with pytest.raises(FunctionError, match="no column 'c'"):
        table.numbers("c")
    with pytest.raises(FunctionError, match="column 'name', row 1: 'x' is not a number"):
        table.numbers("name")


def test_a_broken_or_foreign_file_is_refused(folder: Path) -> None:
    (folder / "broken.csv.gz").write_bytes(b"not gzip")
    (folder / "cut.csv.gz").write_bytes(gzip.compress(CSV.encode())[:-6])
    (folder / "latin.csv").write_bytes("a\nä\n".encode("latin-1"))
    for name, what in (("broken.csv.gz", "cannot read"), ("cut.csv.gz", "cannot read"), ("latin.csv", "not UTF-8")):
        with pytest.raises(FunctionError, match=what):
            files.read_table(folder, name)


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 1024)
    (folder / "bomb.csv.gz").write_bytes(gzip.compress(b"1\n" * 10_000))
    with pytest.raises(FunctionError, match="holds more than"):
        files.read_table(folder, "bomb.csv.gz")


def test_an_array_is_a_table_of_numbers_and_nothing_else(folder: Path) -> None:
    np.save(folder / "good.npy", np.arange(6).reshape(2, 3))
    np.save(folder / "flat.npy", np.arange(6))
    np.save(folder / "objects.npy", np.array([[{}]], dtype=object), allow_pickle=True)
    np.save(folder / "nan.npy", np.array([[np.nan]]))
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**9, 10**9)})
    (folder / "claims.npy").write_bytes(header.getvalue() + b"\0" * 8)
    (folder / "short.npy").write_bytes(b"\x93NUMPY")
    assert np.array_equal(files.read_array(folder, "good.npy"), [[0.0, 1, 2], [3, 4, 5]])
    for name in ("flat.npy", "objects.npy", "nan.npy", "claims.npy", "short.npy"):
        with pytest.raises(FunctionError, match=r"is not a \.npy file|not finite"):
            files.read_array(folder, name)


def test_names_of_files_are_letters_for_people() -> None:
    assert files.in_letters("café ☕") == "café ☕"
    assert files.in_letters("caf\udcc3\udca9") == "café"  # where Python was told to read names as ASCII
    assert files.in_letters("bad\udcff") == "bad\ufffd"
