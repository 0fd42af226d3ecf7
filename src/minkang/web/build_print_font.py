"""`python build_print_font.py SLICES OUT`: one TrueType font out of many slices.

The registry's package of Noto Sans SC holds the font in a hundred small web fonts of one variable
weight, as browsers fetch them. What is printed to PDF needs one file of one weight; it is made when
the platform is set up, offline, and is in no repository.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from fontTools.merge import Merger, Options
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

_WEIGHT: Final = 400
_LAYOUT: Final = ("GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "VORG", "STAT")
"""Tables for vertical text and for letters that change with their neighbours: not needed."""


def build(slices: Sequence[Path], out: Path) -> int:
    """Merge web fonts into one TrueType font; returns how many characters it has.

    Raises:
        ValueError: there are no slices.
    """
    if not slices:
        raise ValueError("no slices of a font")
    with TemporaryDirectory() as folder:
        parts = []
        for number, one in enumerate(slices):
            font = instantiateVariableFont(TTFont(one), {"wght": _WEIGHT})
            font.flavor = None
            for table in _LAYOUT:
                if table in font:
                    del font[table]
            part = Path(folder) / f"{number}.ttf"
            font.save(part)
            parts.append(str(part))
        merged = Merger(Options(drop_tables=list(_LAYOUT))).merge(parts)
    out.parent.mkdir(parents=True, exist_ok=True)
    merged.save(out)
    return len(merged.getBestCmap())


if __name__ == "__main__":
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    build(sorted(folder.glob("*-wght-normal.woff2")), out)
