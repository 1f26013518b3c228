"""Set up a fresh machine: the locked environment, the translations, and Debian's packages where that is allowed.

Runs on a bare Python 3.11 with nothing installed, on Linux, Windows and macOS; a second run adds nothing.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
LOCK = ROOT / "requirements.lock"
POSTGRES_LOCK = ROOT / "tools" / "postgres.lock"

#: Build with the setuptools of the lock, not with whatever is newest that day.
BUILD = ("--no-build-isolation", "--use-pep517")

#: Debian's names: what Qt needs without a display, what a real display adds, what the tests use.
WINDOW = ["libegl1", "libgl1", "libglib2.0-0", "libdbus-1-3", "libfontconfig1", "libxkbcommon0"]
DISPLAY = ["libxcb-cursor0", "libxcb-icccm4", "libxcb-keysyms1", "libxcb-shape0", "libxkbcommon-x11-0"]
REAL_PARTS = ["dbus", "gnome-keyring", "libsecret-tools", "poppler-utils", "postgresql"]
PACKAGES = {
    "run": WINDOW,
    "display": WINDOW + DISPLAY,
    "test": WINDOW + REAL_PARTS,
    "package": [*WINDOW, *DISPLAY, "binutils"],
}


def run(*command: str | Path) -> None:
    """Run a command in the project's folder; raises CalledProcessError when it fails."""
    subprocess.run([str(part) for part in command], cwd=ROOT, check=True)


def pip_install(*arguments: str | Path) -> None:
    """Install into the environment."""
    run(BIN / "python", "-m", "pip", "install", "--quiet", *arguments)


def builder() -> Path:
    """The lock's lines for setuptools alone: it comes first, so that what is built is built by a pinned one too."""
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("setuptools=="))
    end = next(number for number in range(start, len(lines)) if not lines[number].endswith("\\"))
    path = VENV / "builder.lock"
    path.write_text("\n".join(lines[start : end + 1]) + "\n", encoding="utf-8")
    return path


def environment() -> None:
    """Make ``.venv`` with the locked packages and the program itself; installs only what changed."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what tells an older Python so
        sys.exit(f"insuragent needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    if not (BIN / "pip").exists() and not (BIN / "pip.exe").exists():
        if importlib.util.find_spec("ensurepip") is None and not install(["python3-venv"]):
            sys.exit(1)
        # A fresh process: this one decided at its start what it can import.
        run(sys.executable, "-m", "venv", "--clear", VENV)
    installed = VENV / ".locked"
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not installed.exists() or installed.read_text() != digest:
        print("Installing the locked packages; this happens once ...", flush=True)
        pip_install("--require-hashes", "--requirement", builder())
        pip_install("--require-hashes", *BUILD, "--requirement", LOCK)
        installed.write_text(digest)
    pip_install("--no-deps", *BUILD, "--editable", ".")
    for catalogue in (ROOT / "resources" / "i18n").glob("*.po"):
        target = catalogue.with_suffix(".mo")
        run(BIN / "pybabel", "--quiet", "compile", "--input-file", catalogue, "--output-file", target)
    (VENV / ".ready").touch()


def missing(packages: list[str]) -> list[str]:
    """Those of Debian's packages that are not installed."""
    query = ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *packages]
    shown = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    there = {line.split()[0] for line in shown.splitlines() if line.endswith(" installed")}
    return [package for package in packages if package not in there]


def privilege() -> list[str] | None:
    """What to put before a command that needs root: nothing, sudo without a question, or None where neither may."""
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "--non-interactive"]
    if shutil.which("sudo") and subprocess.run([*sudo, "true"], capture_output=True, check=False).returncode == 0:
        return sudo
    return None


def install(packages: list[str]) -> bool:
    """Install Debian packages where we may, else print the one line to type; tells whether all are there."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-query"):
        return False
    wanted = missing(packages)
    if not wanted:
        return True
    before = privilege()
    if before is not None:
        print("Installing", *wanted, "...", flush=True)
        apt = [*before, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
        get = [*apt, "install", "--yes", "--no-install-recommends", *wanted]
        # The lists of a fresh machine are empty or old: renew them only when the first try fails.
        for command in (get, [*apt, "update"], get):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if command is get and done.returncode == 0:
                return True
        print(done.stderr.strip(), file=sys.stderr)
    print("To complete the set-up, type:  sudo apt-get install", *wanted, file=sys.stderr)
    return False


def packages(purpose: str) -> None:
    """Install Debian's packages for one of PACKAGES; without them a wheel brings PostgreSQL."""
    complete = install(PACKAGES[purpose])
    if purpose == "test" and not complete and not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        pip_install("--require-hashes", "--requirement", POSTGRES_LOCK)
    if complete or not shutil.which("apt-get"):
        (VENV / f".packages-{purpose}").touch()


def main(arguments: list[str]) -> None:
    """``setup.py`` or ``setup.py environment``: the environment; ``setup.py packages PURPOSE``: Debian's part."""
    try:
        if arguments[:1] == ["packages"]:
            packages(arguments[1])
        else:
            environment()
    except subprocess.CalledProcessError as error:
        sys.exit(f"set-up stopped: {' '.join(error.cmd[:6])} ended with {error.returncode}")


if __name__ == "__main__":
    main(sys.argv[1:])
