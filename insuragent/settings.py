"""Where things lie, and every setting declared once with its type, default and label."""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

from insuragent.errors import DiskFull, StoreReadOnly
from insuragent.i18n import LANGUAGES, N_

T = TypeVar("T")


def resource(name: str) -> Path:
    """The path of a bundled file or folder, e.g. ``resource("icons/house.svg")``, frozen or not."""
    base = Path(getattr(sys, "_MEIPASS", Path(__file__).parent.parent))
    return base / "resources" / name


class Profile:
    """The folder of one agent's desk: the store, its key file, attachments, settings and log."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or _usual_folder()

    @property
    def database(self) -> Path:
        return self.folder / "store.db"

    @property
    def key_file(self) -> Path:
        return self.folder / "store.key"

    @property
    def anchor(self) -> Path:
        """The journal's newest number and hash, kept outside the database."""
        return self.folder / "journal.anchor"

    @property
    def attachments(self) -> Path:
        return self.folder / "attachments"

    @property
    def drafts(self) -> Path:
        return self.folder / "drafts"

    @property
    def backups(self) -> Path:
        return self.folder / "backups"

    @property
    def settings_file(self) -> Path:
        return self.folder / "settings.json"

    @property
    def log_file(self) -> Path:
        return self.folder / "log" / "insuragent.log"

    def prepare(self) -> None:
        """Create the folder, readable by its owner only. Raises StoreReadOnly or DiskFull."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            tempfile.TemporaryFile(dir=self.folder).close()
        except OSError as error:
            raise write_error(error) from error


def _usual_folder() -> Path:
    import platformdirs  # needed by those alone who give no profile

    return Path(platformdirs.user_data_dir("insuragent", appauthor=False))


def write_error(error: OSError) -> StoreReadOnly | DiskFull:
    """The error of ours for a failed write: a full disk, or a folder that cannot be written."""
    import errno

    return DiskFull() if error.errno in (errno.ENOSPC, errno.EDQUOT) else StoreReadOnly()


def write_whole(path: Path, data: bytes) -> None:
    """Write ``data`` so that after a power cut either the old or the new file is there, whole.

    Raises StoreReadOnly or DiskFull.
    """
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
    except OSError as error:
        raise write_error(error) from error


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` survive a power cut; Windows does so by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Setting(Generic[T]):
    """One setting: a typed attribute of :class:`Settings` that is checked, kept and announced.

    ``choices`` maps each allowed value to its label; ``low`` and ``high`` bound numbers. A value in the
    file that fails the check is replaced by the default, so that a damaged file never stops the program.
    ``hint`` says what holds while a text is empty.
    """

    def __init__(
        self,
        default: T,
        label: str = "",
        *,
        choices: dict[T, str] | None = None,
        low: int | None = None,
        high: int | None = None,
        unit: str = "",
        hint: str = "",
    ) -> None:
        self.default = default
        self.label = label
        self.choices = choices
        self.low, self.high = low, high
        self.unit, self.hint = unit, hint
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, settings: None, owner: type) -> "Setting[T]": ...
    @overload
    def __get__(self, settings: "Settings", owner: type) -> T: ...
    def __get__(self, settings: "Settings | None", owner: type) -> "T | Setting[T]":
        if settings is None:
            return self
        value = settings.values.get(self.name, self.default)
        return value if self.allows(value) else self.default

    def __set__(self, settings: "Settings", value: T) -> None:
        if not self.allows(value):
            raise ValueError(f"{self.name}: {value!r} is not allowed")
        settings.change(self.name, value)

    def allows(self, value: Any) -> bool:
        """Whether ``value`` has the default's type and lies within the choices or bounds."""
        if type(value) is not type(self.default):
            return False
        if self.choices is not None:
            return value in self.choices
        number = value if isinstance(value, int) else 0
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)


class Settings:
    """The desk's settings, kept as JSON in the profile; no personal data is among them."""

    language = Setting("zh", N_("语言"), choices=dict(LANGUAGES))
    theme = Setting("system", N_("外观"), choices={"system": N_("跟随系统"), "light": N_("浅色"), "dark": N_("深色")})
    text_scale = Setting(100, N_("文字大小"), low=100, high=200, unit="%")
    large_print = Setting(False, N_("大字版"))
    idle_minutes = Setting(10, N_("无操作自动锁定"), low=1, high=60, unit=N_("分钟"))
    quick_unlock = Setting(False, N_("使用系统钥匙串快速解锁"))
    clipboard_seconds = Setting(60, N_("复制敏感内容后清空剪贴板"), low=10, high=300, unit=N_("秒"))
    autosync = Setting(True, N_("检测到办公网络时自动同步"))
    office_address = Setting("", N_("总公司地址"), hint=N_("登记设备时填好"))
    printer = Setting("", N_("打印机"), hint=N_("系统默认打印机"))
    print_copies = Setting(1, low=1, high=20)
    window_geometry = Setting("")
    last_page = Setting("")
    columns = Setting("")
    sorting = Setting("")
    splitters = Setting("")

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self.values: dict[str, Any] = {}
        self.listeners: list[Callable[[str], None]] = []
        if file is not None and file.exists():
            self.values = _read(file)

    @classmethod
    def declared(cls) -> Iterator[Setting[Any]]:
        """Every declared setting, in the order of the settings page."""
        return (value for value in vars(cls).values() if isinstance(value, Setting))

    def change(self, name: str, value: Any) -> None:
        """Keep a value and tell the listeners which setting changed."""
        if self.values.get(name) == value:
            return
        self.values[name] = value
        if self.file is not None:
            write_whole(self.file, json.dumps(self.values, ensure_ascii=False, indent=1).encode())
        for listener in list(self.listeners):
            listener(name)


def _read(file: Path) -> dict[str, Any]:
    try:
        values = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}
