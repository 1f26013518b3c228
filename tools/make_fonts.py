"""Renew resources/fonts: Noto Sans SC for print and window, HanaMinB for the rarest names, each with its licence.

usage: python tools/make_fonts.py      needs npm and apt-get; packages are unpacked in a temporary folder
"""

import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from fontTools import subset

NOTO = "@expo-google-fonts/noto-sans-sc@0.4.3"
HANAZONO = "fonts-hanazono"
NOTO_COPYRIGHT = "Copyright 2014-2021 Adobe (http://www.adobe.com/), with Reserved Font Name 'Source'"
FOLDER = Path(__file__).parent.parent / "resources" / "fonts"
#: Layout tables that neither reportlab nor the window needs for Chinese in one direction.
DROPPED = [
    "GSUB",
    "GPOS",
    "GDEF",
    "BASE",
    "VORG",
    "vhea",
    "vmtx",
    "STAT",
    "DSIG",
    "MVAR",
    "HVAR",
    "avar",
    "gasp",
    "meta",
    "VDMX",
    "hdmx",
    "kern",
    "FFTM",
]


def trim(source: Path, target: Path) -> None:
    """Write ``target`` with every character and without hints and layout tables."""
    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.name_IDs = [1, 2, 4, 6, 13, 14]
    options.name_languages = [0x409]
    options.notdef_outline = True
    options.glyph_names = False
    options.drop_tables += DROPPED
    font = subset.load_font(source, options)
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=list(font.getBestCmap()))
    chosen.subset(font)
    subset.save_font(font, target, options)


def _unpacked(folder: Path) -> tuple[Path, Path]:
    """Both packages in ``folder``."""
    packed = subprocess.run(
        ["npm", "pack", "--silent", NOTO], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.split()[-1]
    with tarfile.open(folder / packed) as archive:
        archive.extractall(folder, filter="data")
    subprocess.run(["apt-get", "download", HANAZONO], cwd=folder, check=True)
    (package,) = folder.glob("fonts-hanazono*.deb")
    subprocess.run(["dpkg-deb", "-x", package, folder / "hanazono"], check=True)
    return folder / "package", folder / "hanazono" / "usr" / "share"


def _write_licences(copyright_file: str) -> None:
    """HanaMinB's two licences as they stand in its package, of which the second is the OFL that Noto is under too."""
    both = copyright_file.split("License: Hanazono-Font-License", 1)[1].split("\nFiles:")[0]
    lines = (line.removeprefix("  ").removeprefix(" .") for line in both.splitlines())
    text = "\n".join(line for line in lines if not line.startswith("License:")).strip() + "\n"
    (FOLDER / "HanaMinB-LICENSE.txt").write_text(text, "utf-8")
    ofl = "SIL OPEN FONT LICENSE Version 1.1" + text.split("SIL OPEN FONT LICENSE Version 1.1", 1)[1]
    (FOLDER / "NotoSansSC-OFL.txt").write_text(f"{NOTO_COPYRIGHT}\n\n{ofl}", "utf-8")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        noto, hanazono = _unpacked(Path(name))
        trim(noto / "400Regular" / "NotoSansSC_400Regular.ttf", FOLDER / "NotoSansSC-Regular.ttf")
        trim(noto / "700Bold" / "NotoSansSC_700Bold.ttf", FOLDER / "NotoSansSC-Bold.ttf")
        shutil.copy(hanazono / "fonts" / "truetype" / "hanazono" / "HanaMinB.ttf", FOLDER / "HanaMinB.ttf")
        _write_licences((hanazono / "doc" / HANAZONO / "copyright").read_text("utf-8"))
    for font in sorted(FOLDER.glob("*.ttf")):
        print(font.name, f"{font.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
