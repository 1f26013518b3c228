"""Renew resources/icons from the npm package lucide-static: the icons named below, reduced to their shapes.

usage: python tools/make_icons.py      needs npm; the package is unpacked in a temporary folder
"""

import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "lucide-static@1.62.0"
FOLDER = Path(__file__).parent.parent / "resources" / "icons"
NAMES = """
archive arrow-left arrow-right bell calculator calendar-days calendar-plus camera check chevron-down chevron-left
chevron-right chevron-up circle-alert circle-check circle-help clipboard-check clock copy download ellipsis eraser eye
eye-off file-pen-line file-text fingerprint folder-open git-merge heart-pulse history house inbox info key-round
keyboard languages layout-dashboard lock lock-open log-out mail maximize message-square message-square-warning minus
monitor moon panel-left paperclip phone plug plus printer refresh-cw rotate-ccw route save scale search send
settings shield-alert shield-check signature sun target triangle-alert undo-2 upload usb user user-check user-plus
users wifi wifi-off x zoom-in zoom-out
"""


def reduced(svg: str) -> str:
    """The icon without comment and class, on one line; ``currentColor`` is where the theme puts its colour."""
    shapes = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    shapes = re.sub(r'\s+class="[^"]*"', "", shapes)
    return re.sub(r">\s+<", "><", re.sub(r"\s+", " ", shapes)).strip().replace(" >", ">") + "\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            ["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, capture_output=True, text=True
        ).stdout.split()[-1]
        with tarfile.open(Path(folder) / packed) as archive:
            archive.extractall(folder, filter="data")
        source = Path(folder) / "package"
        FOLDER.mkdir(parents=True, exist_ok=True)
        for old in FOLDER.glob("*.svg"):
            old.unlink()
        shutil.copy(source / "LICENSE", FOLDER / "LICENSE")
        for name in NAMES.split():
            file = source / "icons" / f"{name}.svg"
            (FOLDER / file.name).write_text(reduced(file.read_text("utf-8")), "utf-8")
    print(f"{len(NAMES.split())} icons of {PACKAGE}")


if __name__ == "__main__":
    main()
