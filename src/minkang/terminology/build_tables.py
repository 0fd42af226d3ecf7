"""Pack the long tables into the files of `data/`, which are kept with the source.

    python -m minkang.terminology.build_tables icd10.csv icd9cm3.csv divisions.csv streets.csv DIR

Run by hand when an edition changes; `pypinyin` is needed only here. What comes in:
- icd10.csv, icd9cm3.csv: `code,name` of the national insurance edition (OpenDRG);
- divisions.csv: `result.csv` of yescallop/areacodes: codes of counties and above since 1981;
- streets.csv: `code,name,...` of townships and streets (modood/Administrative-divisions-of-China).
"""

import csv
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import zstandard
from pypinyin import Style, lazy_pinyin

from minkang.terminology.initials import folded, grouped

_LEVEL = 22
_SUBCATEGORY = re.compile(r"[A-Z]\d\d\.\d")
_PARTIAL = re.compile(r"(\d{6})\[\d{4}\]")


def main() -> None:
    """Pack, as the command line says."""
    icd10, icd9, divisions, streets, folder = map(Path, sys.argv[1:])
    diagnoses = _with_groups(_pairs(icd10), _groups_of_diagnosis)
    procedures = _with_groups(_pairs(icd9), _groups_of_procedure)
    places = [*_divisions(divisions), *(f"{c}\t\t\t{n}\t" for c, n in _pairs(streets))]
    _pack(folder / "icd10_cn.txt.zst", (f"{code}\t{name}" for code, name in diagnoses))
    _pack(folder / "icd9cm3_cn.txt.zst", (f"{code}\t{name}" for code, name in procedures))
    _pack(folder / "divisions.txt.zst", places)
    tables = (folder / "tables.txt").read_text(encoding="utf-8").splitlines()
    short = {line.split("\t")[3] for line in places}
    short |= {line.split("\t")[1] for line in tables if "\t" in line}
    letters = _letters([*short, *(name for _, name in (*diagnoses, *procedures))])
    _pack(folder / "initials.txt.zst", grouped(letters))
    for pairs, file in ((diagnoses, "icd10_cn"), (procedures, "icd9cm3_cn")):
        read = _otherwise([name for _, name in pairs], letters)
        lines = (f"{at}\t{initials}" for at, initials in read.items())
        _pack(folder / f"{file}_initials.txt.zst", lines)
    listed = sorted(short)
    read = _otherwise(listed, letters)
    lines = (f"{listed[at]}\t{initials}" for at, initials in read.items())
    _pack(folder / "names_initials.txt.zst", lines)


def _pack(path: Path, lines: Iterable[str]) -> None:
    path.write_bytes(zstandard.compress("\n".join(lines).encode(), level=_LEVEL))


def _pairs(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [(row["code"].strip(), row["name"].strip()) for row in csv.DictReader(file)]


def _with_groups(
    pairs: list[tuple[str, str]], groups_of: Callable[[str], list[str]]
) -> list[tuple[str, str]]:
    """The codes in order, with the groups they belong to; a group that has no code has no name."""
    named = dict(pairs)
    for code, _ in pairs:
        for group in groups_of(code):
            named.setdefault(group, "")
    return sorted(named.items())


def _groups_of_diagnosis(code: str) -> list[str]:
    """Category and subcategory: A00 and A00.0 of A00.000x001; A33 alone of A33.x00."""
    subcategory = _SUBCATEGORY.match(code)
    return [code[:3], subcategory[0]] if subcategory else [code[:3]]


def _groups_of_procedure(code: str) -> list[str]:
    """00, 00.0 and 00.01 of 00.0101; an x stands where there is no fourth digit."""
    groups = [code[:2]]
    for end in (4, 5):
        if not code[end - 1].isdigit():
            break
        groups.append(code[:end])
    return groups


def _divisions(path: Path) -> list[str]:
    """`code since until name successors`, one line for each name that a code had."""
    lines = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            moved = row["新代码"].split(";") if row["新代码"] else []
            # A year in brackets: a part of the area went there while the code went on.
            whole = [code for code in moved if not _PARTIAL.fullmatch(code)]
            ended = row["状态"] == "弃用"
            successors = (whole or [code[:6] for code in moved]) if ended else []
            parts = (row["代码"], row["启用时间"], row["变更/弃用时间"], row["名称"])
            lines.append("\t".join((*parts, ";".join(successors))))
    return sorted(lines)


def _letters(names: list[str]) -> dict[str, str]:
    """The initial of every character in the names and in GB 2312."""
    characters = {c for name in names for c in folded(name)}
    for high in range(0xB0, 0xF8):
        for low in range(0xA1, 0xFF):
            characters |= set(bytes((high, low)).decode("gb2312", errors="ignore"))
    letters = {}
    for character in characters:
        read = lazy_pinyin(character, style=Style.FIRST_LETTER, errors="ignore")
        if read and read[0].isascii() and read[0].isalpha():
            letters[character] = read[0]
    return letters


def _otherwise(names: list[str], letters: dict[str, str]) -> dict[int, str]:
    """Initials, by number, of the names whose characters read otherwise than alone."""
    found = {}
    for number, name in enumerate(names):
        text = folded(name)
        alone = "".join(letters.get(c, c if c.isascii() and c.isalnum() else "") for c in text)
        read = "".join(lazy_pinyin(text, style=Style.FIRST_LETTER))
        together = "".join(c for c in read if c.isascii() and c.isalnum())
        if together != alone:
            found[number] = together
    return found


if __name__ == "__main__":
    main()
