"""Data files that a YAML file names: tables of numbers and text, from beside it, with limits on their size."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import os
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

import numpy as np
from numpy.typing import NDArray

from neuroam.errors import FunctionError

MAX_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class Table:
    """Rows of text under column names."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def texts(self, column: str) -> list[str]:
        """The entries of one column.

        Raises
        ------
        FunctionError
            If there is no such column.
        """
        if column not in self.columns:
            raise FunctionError(f"the file has no column '{column}'", f"columns: {', '.join(self.columns)}")
        at = self.columns.index(column)
        return [row[at] for row in self.rows]

    def numbers(self, column: str) -> NDArray[np.float64]:
        """The entries of one column as numbers.

        Raises
        ------
        FunctionError
            If there is no such column, or an entry is not a finite number.
        """
        texts = self.texts(column)
        for line, text in enumerate(texts):
            if not is_number(text):
                raise FunctionError(f"column '{column}', row {line + 1}: '{text[:40]}' is not a number")
        return np.array([float(text) for text in texts], dtype=float)

    def numeric_columns(self) -> tuple[str, ...]:
        """Columns that hold nothing but numbers, in the order of the file."""
        return tuple(
            name for at, name in enumerate(self.columns) if self.rows and all(is_number(row[at]) for row in self.rows)
        )


def is_number(text: str) -> bool:
    """Whether a text is a finite number."""
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def in_letters(name: str) -> str:
    """A name that the system has, for people: what is not UTF-8 in it becomes question marks."""
    return name.encode("utf-8", errors="surrogateescape").decode("utf-8", errors="replace")


def find(folder: Path, name: str) -> Path:
    """The file that a YAML file in ``folder`` calls ``name``.

    Parameters
    ----------
    folder : Path
        Where the YAML file lies.
    name : str
        Relative to it: in the same folder or below.

    Returns
    -------
    Path
        An existing file; if there is none beside the YAML file, one in or below the folder ``$NEUROAM_DATA``.

    Raises
    ------
    FunctionError
        If the name is absolute, leads out of the folder (also through a link), or there is no such file.
    """
    parts = PurePosixPath(name)
    if (
        not name
        or "\0" in name
        or "\\" in name
        or parts.is_absolute()
        or PureWindowsPath(name).drive
        or ".." in parts.parts
    ):
        raise FunctionError(
            f"'{name}' is not a file beside this one", "a file is named relative to this one, without '..'"
        )
    data = os.environ.get("NEUROAM_DATA", "")
    if data and not (folder / name).is_file() and (Path(data) / name).is_file():
        folder = Path(data)
    path = folder / name
    if not path.is_file():
        what = f"there is no file '{name}' beside this one" + (f" or in {data}" if data else "")
        raise FunctionError(what, "put it into the same folder or below, or set NEUROAM_DATA to a folder with it")
    if not path.resolve().is_relative_to(folder.resolve()):
        raise FunctionError(f"'{name}' is a link that leads out of this folder", "put the file itself there")
    return path


def _opened(path: Path) -> io.BufferedIOBase:
    """The file as a stream of its decompressed bytes."""
    match path.suffix.lower():
        case ".gz":
            return gzip.GzipFile(path)
        case ".xz":
            return lzma.LZMAFile(path)
        case ".bz2":
            return bz2.BZ2File(path)
    return path.open("rb")


def read_bytes(folder: Path, name: str) -> bytes:
    """The bytes of a file, decompressed if its name ends in .gz, .xz or .bz2.

    Raises
    ------
    FunctionError
        If it cannot be found or read, or is larger than `MAX_BYTES`.
    """
    path = find(folder, name)
    try:
        with _opened(path) as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        raise FunctionError(f"cannot read '{name}': {error}") from None
    if len(data) > MAX_BYTES:
        raise FunctionError(f"'{name}' holds more than {MAX_BYTES // 1024**2} MiB")
    return data


def read_text(folder: Path, name: str) -> str:
    """A text file, UTF-8.

    Raises
    ------
    FunctionError
        As of `read_bytes`, or if it is not UTF-8.
    """
    try:
        return read_bytes(folder, name).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FunctionError(f"'{name}' is not UTF-8 text (byte {error.start})") from None


def read_table(folder: Path, name: str) -> Table:
    """A csv file, or a tsv file by its name.

    The first row names the columns unless it holds numbers only, then they are c0, c1, ...

    Raises
    ------
    FunctionError
        As of `read_text`, or if it is empty or its rows differ in length.
    """
    text, mark = read_text(folder, name), "\t" if ".tsv" in PurePosixPath(name).suffixes else ","
    try:
        rows = [tuple(cell.strip() for cell in row) for row in csv.reader(io.StringIO(text), delimiter=mark) if row]
    except csv.Error as error:
        raise FunctionError(f"'{name}' is not a csv file: {error}") from None
    if not rows:
        raise FunctionError(f"'{name}' is empty")
    width = len(rows[0])
    for line, row in enumerate(rows):
        if len(row) != width:
            raise FunctionError(f"'{name}', row {line + 1}: {len(row)} entries where the first row has {width}")
    if all(is_number(cell) for cell in rows[0]):
        return Table(tuple(f"c{at}" for at in range(width)), tuple(rows))
    if len(set(rows[0])) != width:
        raise FunctionError(f"two columns of '{name}' have the same name")
    return Table(rows[0], tuple(rows[1:]))


def read_array(folder: Path, name: str, dimensions: tuple[int, ...] = (2,)) -> NDArray[np.float64]:
    """A .npy file with a table of numbers, (rows, columns), or an array with one of these numbers of dimensions.

    Raises
    ------
    FunctionError
        As of `read_bytes`, or if it is not such a file (objects are never loaded).
    """
    data = read_bytes(folder, name)
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"version {version}")
        first = version == (1, 0)
        header = np.lib.format.read_array_header_1_0(stream) if first else np.lib.format.read_array_header_2_0(stream)
        shape, _, dtype = header
        wanted = dtype.itemsize * int(np.prod([float(n) for n in shape]))
        if len(shape) not in dimensions or dtype.kind not in "biuf" or wanted != len(data) - stream.tell():
            raise ValueError(f"expected numbers in {' or '.join(map(str, dimensions))} dimensions")
        found = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise FunctionError(f"'{name}' is not a .npy file with a table of numbers: {error}") from None
    values: NDArray[np.float64] = found.astype(float)
    if not np.isfinite(values).all():
        raise FunctionError(f"'{name}' holds entries that are not finite")
    return values
