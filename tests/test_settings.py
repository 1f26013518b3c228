"""Settings: typed, kept, and never in the way of starting."""

import json
from pathlib import Path

import pytest

from insuragent.errors import DiskFull, StoreReadOnly
from insuragent.settings import Settings, resource, write_whole


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the settings lie."""
    return tmp_path / "settings.json"


def test_a_change_is_kept_and_told(file: Path) -> None:
    """The next start finds it, and whoever listens hears of it once."""
    told: list[str] = []
    settings = Settings(file)
    settings.listeners.append(told.append)
    settings.theme = "dark"
    settings.theme = "dark"
    assert (Settings(file).theme, told) == ("dark", ["theme"])


@pytest.mark.parametrize(
    ("name", "value"), [("theme", "pink"), ("text_scale", 99), ("text_scale", 201), ("language", 1)]
)
def test_a_value_out_of_bounds_is_refused(file: Path, name: str, value: object) -> None:
    """A fault of ours, found where it is made."""
    with pytest.raises(ValueError, match=name):
        setattr(Settings(file), name, value)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"theme": "pink", "text_scale": "big", "idle_minutes": true}'])
def test_a_damaged_file_gives_the_defaults(file: Path, content: str) -> None:
    """Whatever stands in the file, the program starts."""
    file.write_text(content)
    settings = Settings(file)
    assert (settings.theme, settings.text_scale, settings.idle_minutes) == ("system", 100, 10)


def test_settings_of_another_version_are_kept(file: Path) -> None:
    """What a newer program wrote is not thrown away by an older one."""
    file.write_text('{"hologram": true}')
    Settings(file).theme = "light"
    assert json.loads(file.read_text()) == {"hologram": True, "theme": "light"}


def test_every_setting_has_a_default_that_it_allows() -> None:
    """A default out of its own bounds could never be chosen again."""
    assert all(setting.allows(setting.default) for setting in Settings.declared())


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    """Either the old or the new, whole; a folder that is gone is told as not writable."""
    with pytest.raises((StoreReadOnly, DiskFull)):
        write_whole(tmp_path / "missing" / "file", b"x")
    path = tmp_path / "file"
    write_whole(path, b"old")
    write_whole(path, b"new")
    assert (path.read_bytes(), [p.name for p in tmp_path.iterdir()]) == (b"new", ["file"])


def test_resources_are_found() -> None:
    """Bundled files lie where the program looks for them."""
    assert resource("theme.qss").is_file()
