"""The figures that sources tell of themselves, when the region is brought in part by part.

A source that tells of a day replaces what it told of it before. So each part has the figures of all
that has been brought in with it: those of the part before, and its own.
"""

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from minkang.synth.speak.counts import HEAD
from minkang.synth.speak.write import csv_line


def add_figures(before: Path, own: Path, out: Path) -> None:
    """Write the figures of two folders, one file a source, added up into a third."""
    out.mkdir()
    for name in sorted({file.name for folder in (before, own) for file in folder.glob("*.csv")}):
        added: dict[tuple[str, str, str], tuple[int, str, str]] = {}
        for folder in (before, own):
            for key, line in _lines(folder / name):
                added[key] = _sum(added[key], line) if key in added else line
        text = "".join(
            csv_line((*key, str(count), total, items))
            for key, (count, total, items) in sorted(added.items())
        )
        (out / name).write_text(csv_line(HEAD) + text, encoding="utf-8", newline="")


def _lines(file: Path) -> Iterator[tuple[tuple[str, str, str], tuple[int, str, str]]]:
    if not file.exists():
        return
    with file.open(encoding="utf-8", newline="") as text:
        reader = csv.reader(text)
        next(reader)
        for day, kind, department, count, total, items in reader:
            yield (day, kind, department), (int(count), total, items)


def _sum(one: tuple[int, str, str], other: tuple[int, str, str]) -> tuple[int, str, str]:
    totals = [Decimal(line[1]) for line in (one, other) if line[1]]
    items = sorted(item for line in (one, other) for item in line[2].split(";") if item)
    return one[0] + other[0], str(sum(totals)) if totals else "", ";".join(items)
