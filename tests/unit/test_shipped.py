"""Shipped files are found in a checkout and in an installed package; a name never leads out of its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from neuroam import shipped
from neuroam.errors import EnvironmentLacks

REPOSITORY = Path(__file__).resolve().parents[2]

PATHS = ["", ".", "..", "../secret", "/etc/passwd", "a/b", "a\\b", "lif.yaml"]
OTHER_LETTERS = ["lif ", "lif\n", "l-if", "lif\0", "é", "*"]


def write(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("title: a test\n", encoding="utf-8")
    return path


def fill(top: Path) -> None:
    for name in ("models/hopfield", "models/amari", "models/cells/lif", "models/synapses/current", "protocols/recall"):
        write(top / f"{name}.yaml")
    (top / "models" / "LICENSE").write_text("CC0", encoding="utf-8")


@pytest.fixture(params=["checkout", "installed"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that holds models/ and protocols/, with neuroam as a checkout or as a wheel lays it out."""
    package = tmp_path / "neuroam"
    package.mkdir()
    monkeypatch.setattr(shipped, "PACKAGE", package)
    if request.param == "installed":
        top = package / "_shipped"
    else:
        top = tmp_path
        (tmp_path / "pyproject.toml").touch()
    fill(top)
    write(tmp_path / "secret.yaml")
    return top


def test_folder_of_each_kind(place):
    assert shipped.folder("models") == place / "models"
    assert shipped.folder("protocols") == place / "protocols"
    assert shipped.folder("cells") == place / "models" / "cells"
    assert shipped.folder("synapses") == place / "models" / "synapses"


def test_names_are_sorted_stems_of_the_yaml_files_only(place):
    write(place / "models" / "not-a-name.yaml")
    (place / "models" / "folder.yaml").mkdir()
    assert shipped.names("models") == ["amari", "hopfield"]
    assert shipped.names("protocols") == ["recall"]
    assert shipped.names("cells") == ["lif"]


def test_find_every_name(place):
    for kind in ("models", "protocols", "cells", "synapses"):
        for name in shipped.names(kind):
            assert shipped.find(kind, name) == shipped.folder(kind) / f"{name}.yaml"


def test_find_nothing_of_an_unknown_name_or_another_kind(place):
    assert shipped.find("models", "hopfeld") is None
    assert shipped.find("models", "recall") is None
    assert shipped.find("protocols", "hopfield") is None


@pytest.mark.parametrize("name", PATHS + OTHER_LETTERS)
def test_a_name_is_never_a_path(place, tmp_path, name):
    write(tmp_path / "user" / "l-if.yaml")
    write(tmp_path / "user" / "é.yaml")
    assert shipped.find("models", name) is None
    assert shipped.component("cells", name, tmp_path / "user") is None


def test_component_without_a_users_file_is_the_shipped_one(place, tmp_path):
    (tmp_path / "user").mkdir()
    assert shipped.component("cells", "lif", None) == place / "models" / "cells" / "lif.yaml"
    assert shipped.component("cells", "lif", tmp_path / "user") == place / "models" / "cells" / "lif.yaml"
    assert shipped.component("synapses", "lif", None) is None


def test_a_users_component_goes_before_the_shipped_one_and_its_subfolder_first(place, tmp_path):
    user = tmp_path / "user"
    beside = write(user / "lif.yaml")
    assert shipped.component("cells", "lif", user) == beside
    below = write(user / "cells" / "lif.yaml")
    assert shipped.component("cells", "lif", user) == below
    assert shipped.component("synapses", "lif", user) == beside


def test_a_models_folder_in_site_packages_is_not_taken_for_a_checkout(tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "PACKAGE", tmp_path / "neuroam")
    write(tmp_path / "models" / "of_another_package.yaml")
    fill(tmp_path / "neuroam" / "_shipped")
    assert shipped.folder("models") == tmp_path / "neuroam" / "_shipped" / "models"


def test_a_broken_installation_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "PACKAGE", tmp_path / "neuroam")
    with pytest.raises(EnvironmentLacks, match=r"shipped models are missing .* install neuroam again"):
        shipped.folder("cells")


def test_this_checkout_ships_from_its_top_level():
    assert shipped.folder("models") == REPOSITORY / "models"
    assert shipped.folder("protocols") == REPOSITORY / "protocols"
