"""What the laboratories measure: codes, units, reference ranges, panels.

Adults' ranges follow WS/T 405-2012 (blood count), WS/T 404-2012 and -2018 (chemistry), else common
practice; children's those of WS/T 779-2021 and WS/T 780-2021 in `analytes_ranges`. Molar
quantities carry the LOINC code of the molar property (glucose 14749-6, not 2345-7, which is mass
per volume); a code is left empty where LOINC has none that fits surely.
"""

from typing import Final

import msgspec

from minkang.synth.lives.analytes_table import ROWS

Range = tuple[float | None, float | None]


class Analyte(msgspec.Struct, frozen=True, gc=False):
    """One kind of result.

    `men` and `women` are the adults' (low, high), None an open end. `floor` is the detection limit
    under which the laboratory reports "<floor". `kind` is HL7's value type: NM, ST or TX. `noise`
    is the coefficient of variation of one measurement, within the person and the machine together.
    `normal` is what a text result says in health.
    """

    key: str
    loinc: str
    local: str
    name: str
    unit: str
    decimals: int
    men: Range
    women: Range
    floor: float | None
    kind: str
    noise: float
    normal: str


class Panel(msgspec.Struct, frozen=True, gc=False):
    """What is ordered and reported together.

    `hours` is the usual time from specimen to report; `specimen` is written on the report.
    """

    key: str
    code: str
    name: str
    specimen: str
    hours: float
    analytes: tuple[str, ...]


def _range(text: str) -> Range:
    """(low, high) of "3.9-6.1", "<5.2", ">60" or "" as the table writes them."""
    if not text or text == ".":
        return None, None
    if text[0] == "<":
        return None, float(text[1:])
    if text[0] == ">":
        return float(text[1:]), None
    low, high = text.rsplit("~", 1)
    return float(low), float(high)


def _analyte(line: str) -> Analyte:
    """One row: key, LOINC, local code, name, unit, decimals, men, women, floor, noise; text rows
    carry ST or TX as the decimals and what is normal as the range."""
    key, loinc, local, name, unit, decimals, men, women, floor, noise = line.split()
    unit, loinc = ("" if text == "." else text for text in (unit, loinc))
    if decimals in ("ST", "TX"):
        return Analyte(
            key, loinc, local, name, unit, 0, (None, None), (None, None), None, decimals, 0.0,
            "" if men == "." else men,
        )  # fmt: skip
    return Analyte(
        key,
        loinc,
        local,
        name,
        unit,
        int(decimals),
        _range(men),
        _range(men if women == "=" else women),
        None if floor == "." else float(floor),
        "NM",
        float(noise),
        "",
    )


ANALYTES: Final = {
    analyte.key: analyte for analyte in map(_analyte, ROWS["analytes"].strip().splitlines())
}


def _panel(line: str) -> Panel:
    key, code, name, specimen, hours, analytes = line.split(None, 5)
    return Panel(key, code, name, specimen, float(hours), tuple(analytes.split()))


PANELS: Final = {
    panel.key: panel
    for panel in map(_panel, ROWS["panels"].replace("\n  ", " ").strip().splitlines())
}
