"""OBX as Observation, or as a document where it holds one (HL7 v2.5.1, 7.4.2)."""

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from minkang.exchange.hl7v2 import Segment
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.hl7v2.concepts import TERMINOLOGY, Concept
from minkang.exchange.mappings.hl7v2.draft import Draft
from minkang.exchange.mappings.hl7v2.fields import Reader, joined, quantity
from minkang.exchange.mappings.hl7v2.people import doctor
from minkang.exchange.mappings.written import decimal
from minkang.exchange.merge import Order

# HL7 table 0085.
_STATUS = {
    "": "final",
    "A": "amended",
    "B": "amended",
    "C": "corrected",
    "D": "entered-in-error",
    "F": "final",
    "I": "registered",
    "N": "cancelled",
    "O": "registered",
    "P": "preliminary",
    "R": "preliminary",
    "S": "preliminary",
    "U": "final",
    "V": "final",
    "W": "entered-in-error",
    "X": "cancelled",
}
_FLAGS = frozenset(
    "< > A AA B D E H HH HU HX I IE IND L LL LU LX MS N ND NEG NR POS R RR S SDD SYN-R SYN-S "
    "TOX U VS W WR".split()
)
_FLAG_SYSTEM = f"{TERMINOLOGY}v3-ObservationInterpretation"
_CATEGORY = f"{TERMINOLOGY}observation-category"
_LOINC = "http://loinc.org"
_COMPARATORS = {"<", "<=", ">", ">="}
_RANGE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*(?:-{1,2}|~|～|—)\s*(-?\d+(?:\.\d+)?)\s*", re.ASCII)
_LIMIT = re.compile(r"\s*(<|≤|<=|>|≥|>=)\s*(-?\d+(?:\.\d+)?)\s*", re.ASCII)
_CLOCK = re.compile(r"([01]\d|2[0-3])([0-5]\d)?([0-5]\d)?(\.\d+)?([+-]\d{4})?", re.ASCII)
# HL7 table 0191 and what is sent in its place: the first half of a media type.
_MEDIA = {
    "AP": "application",
    "APPLICATION": "application",
    "AU": "audio",
    "AUDIO": "audio",
    "FT": "text",
    "IM": "image",
    "IMAGE": "image",
    "SI": "image",
    "TEXT": "text",
    "TX": "text",
    "VIDEO": "video",
}
_SUBTYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,60}", re.ASCII)


def is_document(obx: Segment) -> bool:
    """Whether a result holds a file or points to one instead of saying a value."""
    return obx.value(2).upper() in ("ED", "RP") and bool(obx.raw(5))


def observation(
    context: Context,
    reader: Reader,
    obx: Segment,
    report: str,
    shared: dict[str, Any],
    stands: tuple[Order, datetime | None],
    notes: Sequence[str] = (),
) -> Draft:
    """The Observation of one OBX of a report.

    `shared` is what all results of the report have; `stands` their order and when they were made.
    """
    order, at = stands
    concept = reader.field_concept(obx, 3)
    if concept is None:
        reader.problem(obx, 3, "required", "缺少检验项目")
        concept = {"text": ""}
    code = concept.get("coding", [{}])[0].get("code") or concept["text"]
    number = "/".join(part for part in (report, code, obx.value(4)) if part)
    draft = Draft(context, "Observation", number, order, at)
    resource = draft.resource
    resource.update(shared)
    resource["status"] = _STATUS.get(obx.value(11).upper(), "unknown")
    resource["category"] = [{"coding": [{"system": _CATEGORY, "code": "laboratory"}]}]
    resource["code"] = _with_standard_code(context, concept)
    resource["performer"] = [context.institution()]
    if obx.raw(16) and (responsible := doctor(obx, 16)):
        resource["performer"].append(responsible)
    if own := reader.time(obx, 14):
        resource["effectiveDateTime"] = own
    if element := _value(reader, obx):
        resource[element[0]] = element[1]
    draft.put("interpretation", _interpretation(reader, obx))
    if text := obx.value(7):
        resource["referenceRange"] = [_range(text, obx.value(6))]
    draft.put("method", reader.field_concept(obx, 17))
    draft.put("note", [{"text": note} for note in notes])
    return draft


def _with_standard_code(context: Context, concept: Concept) -> Concept:
    """Adds LOINC where the source's code list names it and the message does not."""
    codings = concept.get("coding", [])
    if any(coding["system"] == _LOINC for coding in codings):
        return concept
    for coding in codings:
        if standard := context.source.codes.get(coding["code"]):
            return {**concept, "coding": [{"system": _LOINC, "code": standard}, *codings]}
    return concept


def _value(reader: Reader, obx: Segment) -> tuple[str, Any] | None:
    """Element and value of OBX-5 by the type in OBX-2."""
    kind, text = obx.value(2).upper(), obx.value(5)
    if not obx.raw(5) or obx.is_null(5):
        return None
    if kind == "NM" and obx.delimiters[2] not in obx.raw(5):
        number = reader.number(obx, 5, text)
        return ("valueQuantity", quantity(number, obx.value(6))) if number is not None else None
    if kind == "SN":
        return _structured(reader, obx)
    if kind in ("CE", "CWE", "CNE", "CF"):
        concept = reader.field_concept(obx, 5)
        return ("valueCodeableConcept", concept) if concept else None
    if kind in ("DT", "TS", "DTM"):
        time = reader.time(obx, 5)
        return ("valueDateTime", time) if time else None
    if kind == "TM" and (clock := _CLOCK.fullmatch(text)):
        hour, minute, second, fraction, _ = clock.groups()
        return "valueTime", f"{hour}:{minute or '00'}:{second or '00'}{fraction or ''}"
    lines = [joined(parts) for parts in obx.repetitions(5)]
    return ("valueString", "\n".join(lines)) if joined(lines) else None


def _structured(reader: Reader, obx: Segment) -> tuple[str, Any] | None:
    comparator, first, *rest = [part.strip() for part in [*obx.components(5), "", ""]]
    if rest and any(rest[:2]):
        return "valueString", "".join(part for part in (comparator, first, *rest))
    number = reader.number(obx, 5, first, 2)
    if number is None:
        return None
    found = quantity(number, obx.value(6))
    if comparator in _COMPARATORS:
        found["comparator"] = comparator
    elif comparator and comparator != "=":
        return "valueString", joined((comparator, first), "")
    return "valueQuantity", found


def _interpretation(reader: Reader, obx: Segment) -> list[Concept]:
    found: list[Concept] = []
    if (only := obx.raw(8)) in _FLAGS:
        return [{"coding": [{"system": _FLAG_SYSTEM, "code": only}]}]
    for parts in obx.repetitions(8):
        flag = parts[0].strip()
        if flag.upper() in _FLAGS and not any(part.strip() for part in parts[2:3]):
            found.append({"coding": [{"system": _FLAG_SYSTEM, "code": flag.upper()}]})
        elif len(parts) > 1 and (concept := reader.concept(parts)):
            found.append(concept)
        elif flag and flag != '""':
            found.append({"text": flag})
    return found


def _range(text: str, unit: str) -> dict[str, Any]:
    found: dict[str, Any] = {"text": text}
    if match := _RANGE.fullmatch(text):
        low, high = decimal(match[1]), decimal(match[2])
        if low is not None and high is not None:
            found["low"], found["high"] = quantity(low, unit), quantity(high, unit)
    elif match := _LIMIT.fullmatch(text):
        limit: Decimal | None = decimal(match[2])
        if limit is not None:
            side = "low" if match[1] in (">", "≥", ">=") else "high"
            found[side] = quantity(limit, unit)
    return found


def attachment(reader: Reader, obx: Segment) -> dict[str, Any] | None:
    """The file of an ED (2.A.24), or where an RP (2.A.65) points, as Attachment; None if empty.

    Problems: rule `base64` where ED-5 can't be decoded.
    """
    parts = [part.strip() for part in [*obx.components(5), *[""] * 5]][:5]
    parts = ["" if part == '""' else part for part in parts]
    found: dict[str, Any] = {}
    # In both types the second half of the media type follows the first.
    first, second = (parts[1], parts[2]) if obx.value(2).upper() == "ED" else (parts[2], parts[3])
    if kind := _media_type(first, second):
        found["contentType"] = kind
    if obx.value(2).upper() == "RP":
        if not parts[0]:
            return None
        found["url"] = re.sub(r"\s+", "%20", parts[0])
    elif data := _data(reader, obx, parts[3].upper(), parts[4]):
        found["data"] = data
    else:
        return None
    if title := obx.value(3, 2) or obx.value(3):
        found["title"] = title
    return found


def _media_type(first: str, second: str) -> str:
    kind = _MEDIA.get(first.upper())
    if kind is None or not _SUBTYPE.fullmatch(second):
        return ""
    return f"{kind}/{second.lower()}"


def _data(reader: Reader, obx: Segment, encoding: str, text: str) -> str:
    if not text:
        return ""
    if encoding == "HEX":
        try:
            return base64.b64encode(bytes.fromhex(text)).decode()
        except ValueError:
            reader.problem(obx, 5, "base64", "内容不是十六进制", 5)
            return ""
    if encoding == "A":
        return base64.b64encode(text.encode()).decode()
    try:
        compact = re.sub(r"\s+", "", text)
        base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError):
        reader.problem(obx, 5, "base64", "内容不是有效的 base64 编码", 5)
        return ""
    return compact
