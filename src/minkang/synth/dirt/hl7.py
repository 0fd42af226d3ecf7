r"""Edits on HL7 v2 messages as bytes: what vendors and tired people make of a good one.

Every function gives None where the message has nothing that it could befall. Messages end their
segments with \r and separate with |^~\&, as all systems of the region do.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Final

from minkang.synth.record import LOCAL

IMPOSSIBLE_DAY: Final = "20240230091500+0800"
Edited = tuple[bytes, str, str]
"""The message, what stood there, what stands there now."""

_UNITS: Final = {
    "mmol/L": "mmol/l",
    "umol/L": "μmol/L",
    "g/L": "G/L",
    "10*9/L": "10^9/L",
    "10*12/L": "10^12/L",
    "U/L": "IU/L",
    "%": "％",
    "mg/L": "mg/l",
    "ng/mL": "ng/ml",
    "mm[Hg]": "mmHg",
}


def charset_of(raw: bytes) -> str:
    """The codec that MSH-18 names: gb18030, else utf-8."""
    return "gb18030" if b"GB 18030" in raw[:400] or b"GB18030" in raw[:400] else "utf-8"


def _lines(raw: bytes) -> list[list[str]]:
    return [line.split("|") for line in raw.decode(charset_of(raw)).split("\r")]


def _bytes(lines: list[list[str]], charset: str) -> bytes:
    return "\r".join(["|".join(fields) for fields in lines]).encode(charset)


def _field(fields: list[str], number: int) -> str:
    at = number - 1 if fields[0] == "MSH" else number
    return fields[at] if at < len(fields) else ""


def _put(fields: list[str], number: int, text: str) -> None:
    at = number - 1 if fields[0] == "MSH" else number
    fields.extend([""] * (at + 1 - len(fields)))
    fields[at] = text


def _edit(raw: bytes, change: Callable[[list[list[str]]], tuple[str, str] | None]) -> Edited | None:
    lines = _lines(raw)
    done = change(lines)
    return None if done is None else (_bytes(lines, charset_of(raw)), *done)


def impossible_date(raw: bytes, random: Random) -> Edited | None:
    """30 February as the time of observation (OBR-7), else as the begin of the visit (PV1-44)."""

    def change(lines: list[list[str]]) -> tuple[str, str] | None:
        for name, number in (("OBR", 7), ("PV1", 44)):
            for fields in lines:
                if fields[0] == name and _field(fields, number):
                    before = _field(fields, number)
                    _put(fields, number, IMPOSSIBLE_DAY)
                    return before, IMPOSSIBLE_DAY
        return None

    return _edit(raw, change)


def _numbers(lines: list[list[str]]) -> list[list[str]]:
    return [
        fields
        for fields in lines
        if fields[0] == "OBX" and _field(fields, 2) == "NM" and _is_number(_field(fields, 5))
    ]


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def not_a_number(raw: bytes, random: Random) -> Edited | None:
    """Words in a result that was announced as a number (OBX-2 NM)."""

    def change(lines: list[list[str]]) -> tuple[str, str] | None:
        found = _numbers(lines)
        if not found:
            return None
        fields = random.choice(found)
        before, after = _field(fields, 5), random.choice(("标本溶血请重抽", "见备注", "未检出"))
        _put(fields, 5, after)
        return before, after

    return _edit(raw, change)


def impossible_value(raw: bytes, random: Random) -> Edited | None:
    """A decimal point two places off."""

    def change(lines: list[list[str]]) -> tuple[str, str] | None:
        found = [fields for fields in _numbers(lines) if float(_field(fields, 5)) > 0]
        if not found:
            return None
        fields = random.choice(found)
        before = _field(fields, 5)
        after = f"{float(before) * 100:.0f}"
        _put(fields, 5, after)
        return before, after

    return _edit(raw, change)


def no_patient_number(raw: bytes, random: Random) -> Edited | None:
    """PID-2, 3 and 4 empty."""

    def change(lines: list[list[str]]) -> tuple[str, str] | None:
        for fields in lines:
            if fields[0] == "PID" and _field(fields, 3):
                before = _field(fields, 3)
                for number in (2, 3, 4):
                    _put(fields, number, "")
                return before, ""
        return None

    return _edit(raw, change)


def unknown_event(raw: bytes, random: Random) -> Edited | None:
    """An ADT without its event, in MSH-9 and EVN-1 both."""

    def change(lines: list[list[str]]) -> tuple[str, str] | None:
        kind = _field(lines[0], 9)
        if not kind.startswith("ADT"):
            return None
        _put(lines[0], 9, "ADT")
        for fields in lines:
            if fields[0] == "EVN":
                _put(fields, 1, "")
        return kind, "ADT"

    return _edit(raw, change)


def local_unit(raw: bytes, random: Random) -> Edited | None:
    """All units of one kind in the house's spelling."""

    def change(lines: list[list[str]]) -> tuple[str, str] | None:
        written = [fields for fields in lines if fields[0] == "OBX" and _field(fields, 6)]
        units = sorted({_field(fields, 6).split("^")[0] for fields in written} & _UNITS.keys())
        if not units:
            return None
        unit = random.choice(units)
        for fields in written:
            if _field(fields, 6).split("^")[0] == unit:
                _put(fields, 6, _UNITS[unit])
        return unit, _UNITS[unit]

    return _edit(raw, change)


def local_code(raw: bytes, random: Random) -> Edited | None:
    """One test under the house's code alone."""

    def change(lines: list[list[str]]) -> tuple[str, str] | None:
        found = [fields for fields in lines if fields[0] == "OBX" and "^" in _field(fields, 3)]
        if not found:
            return None
        fields = random.choice(found)
        before = _field(fields, 3)
        after = f"Y{sum(before.encode()) % 9000 + 1000}^{before.split('^')[1]}^L"
        _put(fields, 3, after)
        return before, after

    return _edit(raw, change)


def changed_codes(raw: bytes) -> Edited | None:
    """All local test codes with the new release's letter before them."""

    def change(lines: list[list[str]]) -> tuple[str, str] | None:
        first: tuple[str, str] | None = None
        for fields in lines:
            if fields[0] != "OBX":
                continue
            parts = _field(fields, 3).split("^")
            for at in (0, 3):
                system = parts[at + 2] if len(parts) > at + 2 else "LN"
                if system not in ("LN", "") and parts[at]:
                    before = "^".join(parts)
                    parts[at] = f"N{parts[at]}"
                    _put(fields, 3, "^".join(parts))
                    first = first or (before, "^".join(parts))
        return first

    return _edit(raw, change)


def corrected(
    raw: bytes, random: Random, again: datetime, control_id: str
) -> tuple[Edited, bytes] | None:
    """The result as first mistyped, and as sent again at `again`, marked as corrected."""
    right = _lines(raw)
    found = [at for at, fields in enumerate(right) if fields in _numbers(right)]
    if not found:
        return None
    at, wrong = random.choice(found), _lines(raw)
    before = _field(right[at], 5)
    decimals = len(before.partition(".")[2])
    after = f"{float(before) * random.choice((1.5, 0.6, 2.1)):.{decimals}f}"
    if after == before:
        return None
    _put(wrong[at], 5, after)
    charset = charset_of(raw)
    for fields in right:
        if fields[0] == "OBR":
            _put(fields, 22, _moment(again))
            _put(fields, 25, "C")
        elif fields[0] == "OBX":
            _put(fields, 11, "C")
    _put(right[0], 7, _moment(again))
    _put(right[0], 10, control_id)
    return (_bytes(wrong, charset), before, after), _bytes(right, charset)


def cancelled(raw: bytes, again: datetime, control_id: str) -> tuple[bytes, bytes, str] | None:
    """A registration at the wrong window: as sent under a number of its own, and its cancellation.

    Gives both messages (control ids end in X and Y) and the number of the visit that never was.
    """
    sent = _lines(raw)
    if not _field(sent[0], 9).startswith(("ADT^A04", "ADT^A01")):
        return None
    number = ""
    for fields in sent:
        if fields[0] == "PV1" and (own := _field(fields, 19)):
            name, hat, rest = own.partition("^")
            number = f"{name}X"
            _put(fields, 19, number + hat + rest)
    if not number:
        return None
    charset = charset_of(raw)
    _put(sent[0], 10, f"{control_id}X")
    wrong = _bytes(sent, charset)
    _put(sent[0], 10, f"{control_id}Y")
    _put(sent[0], 7, _moment(again))
    _put(sent[0], 9, "ADT^A11^ADT_A09" if _field(sent[0], 9).count("^") > 1 else "ADT^A11")
    for fields in sent:
        if fields[0] == "EVN":
            _put(fields, 1, "A11")
            _put(fields, 2, _moment(again))
    kept = [fields for fields in sent if fields[0] in ("MSH", "EVN", "PID", "PV1", "")]
    return wrong, _bytes(kept, charset), number


def behind(raw: bytes, hours: float, at: datetime) -> Edited | None:
    """The header's and event's time by a wrong clock; 0 hours stands for a dead battery."""
    shown = _moment(at - timedelta(hours=hours)) if hours else _moment(_DEAD)

    def change(lines: list[list[str]]) -> tuple[str, str] | None:
        before = _field(lines[0], 7)
        _put(lines[0], 7, shown)
        for fields in lines:
            if fields[0] == "EVN" and _field(fields, 2):
                _put(fields, 2, shown)
        return before, shown

    return _edit(raw, change)


_DEAD: Final = datetime(2000, 1, 1, 0, 0, 12, tzinfo=LOCAL)


def rubbish(raw: bytes) -> Edited | None:
    """The bytes in another character set than MSH-18 says; None where no receiver could tell."""
    if charset_of(raw) != "utf-8":
        return None
    garbled = raw.decode("utf-8").encode("gb18030")
    try:
        garbled.decode("utf-8")
    except UnicodeDecodeError:
        return garbled, "utf-8", "gb18030"
    return None


def _moment(time: datetime) -> str:
    return f"{time.astimezone(LOCAL):%Y%m%d%H%M%S}+0800"
