"""What the operations of the terminology service are asked: their parameters and the codes named.

By GET in the address, by POST as Parameters; each as the type that the operation says.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from minkang.api.body import json_of
from minkang.api.call import Call
from minkang.api.negotiation import FHIR_JSON, check_content_type
from minkang.api.outcomes import Refusal
from minkang.fhir import Resource, date_range, encode
from minkang.fhir.dates import LOCAL
from minkang.fhir.validate import check
from minkang.terminology import Coding

Kind = Literal["text", "boolean", "number", "date", "Coding", "CodeableConcept", "resource"]
_ALWAYS = frozenset({"_format", "_pretty"})

_CODE: Mapping[str, Kind] = {
    "code": "text",
    "system": "text",
    "version": "text",
    "coding": "Coding",
    "displayLanguage": "text",
}
_VALIDATE: Mapping[str, Kind] = {
    "url": "text",
    "code": "text",
    "display": "text",
    "coding": "Coding",
    "codeableConcept": "CodeableConcept",
    "date": "date",
    "abstract": "boolean",
    "displayLanguage": "text",
}
LOOKUP: Mapping[str, Kind] = {**_CODE, "date": "date", "property": "text"}
VALIDATE_SYSTEM: Mapping[str, Kind] = {
    **_VALIDATE,
    "version": "text",
    "codeSystem": "resource",
}
VALIDATE_SET: Mapping[str, Kind] = {
    **_VALIDATE,
    "system": "text",
    "systemVersion": "text",
    "valueSet": "resource",
    "valueSetVersion": "text",
}
SUBSUMES: Mapping[str, Kind] = {
    "codeA": "text",
    "codeB": "text",
    "codingA": "Coding",
    "codingB": "Coding",
    "system": "text",
    "version": "text",
}
EXPAND: Mapping[str, Kind] = {
    "url": "text",
    "valueSet": "resource",
    "valueSetVersion": "text",
    "filter": "text",
    "date": "date",
    "offset": "number",
    "count": "number",
    "activeOnly": "boolean",
    "includeDesignations": "boolean",
    "includeDefinition": "boolean",
    "excludeNested": "boolean",
    "excludeNotForUI": "boolean",
    "excludePostCoordinated": "boolean",
    "exclude-system": "text",
    "displayLanguage": "text",
}
TRANSLATE: Mapping[str, Kind] = {
    **_CODE,
    "codeableConcept": "CodeableConcept",
    "url": "text",
    "conceptMap": "resource",
    "conceptMapVersion": "text",
    "source": "text",
    "target": "text",
    "targetsystem": "text",
    "reverse": "boolean",
}

_REPEATED = frozenset({"property", "exclude-system", "displayLanguage", "targetSystem"})
REFUSED_IF_TRUE = ("includeDesignations", "includeDefinition")


class Given(msgspec.Struct, frozen=True):
    """The parameters of a call, by name; each as the type that the operation says."""

    values: Mapping[str, Sequence[Any]]

    def text(self, name: str) -> str | None:
        value = self.one(name)
        return value if isinstance(value, str) else None

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise required(name)
        return value

    def flag(self, name: str) -> bool:
        return self.one(name) is True

    def number(self, name: str) -> int | None:
        value = self.one(name)
        return value if isinstance(value, int) else None

    def one(self, name: str) -> Any:
        values = self.values.get(name, ())
        return values[0] if values else None


def codings_of(given: Given, system: str | None) -> list[Coding]:
    """The codes asked about: `coding`, `codeableConcept`, or `code` with its system.

    Raises:
        Refusal: 400: none of them, or malformed.
    """
    if (concept := given.one("codeableConcept")) is not None:
        listed = concept.get("coding", [])
        if not isinstance(listed, list) or not listed:
            raise required("codeableConcept.coding")
        return [_parsed(one, "codeableConcept.coding") for one in listed]
    return [coding_of(given, system)]


def coding_of(given: Given, system: str | None) -> Coding:
    if (coding := given.one("coding")) is not None:
        return _parsed(coding, "coding")
    version = given.text("systemVersion")
    return Coding(system or "", given.required("code"), given.text("display") or "", version)


def of_pair(given: Given, letter: str, system: str | None) -> Coding:
    if (coding := given.one(f"coding{letter}")) is not None:
        return _parsed(coding, f"coding{letter}")
    return Coding(system or "", given.required(f"code{letter}"))


def _parsed(value: Any, place: str) -> Coding:
    if not isinstance(value, dict) or not isinstance(value.get("code"), str):
        raise required(f"{place}.code")
    parts = {name: value.get(name) for name in ("system", "display", "version")}
    if any(not isinstance(part, str | None) for part in parts.values()):
        raise Refusal(400, "structure", "编码有误 / malformed Coding", place)
    return Coding(parts["system"] or "", value["code"], parts["display"] or "", parts["version"])


def in_version(coding: Coding, version: str | None) -> Coding:
    return coding if coding.version else msgspec.structs.replace(coding, version=version)


def of_type(value: Any, kind: str, place: str) -> Resource:
    """A resource sent along, judged like one to be written.

    Raises:
        Refusal: 422.
    """
    if not isinstance(value, dict) or value.get("resourceType") != kind:
        raise Refusal(400, "structure", f"应为一个 {kind} / not a {kind}", place)
    problems = check(value, encode(value))
    if problems:
        raise Refusal.of_problems(422, problems, below=place, instead=kind)
    return value


def day_of(call: Call, given: Given) -> str:
    return given.text("date") or call.now.astimezone(LOCAL).date().isoformat()


def within(given: Given, name: str, most: int) -> int | None:
    value = given.number(name)
    if value is not None and not 0 <= value <= most:
        raise Refusal(400, "value", f"{name} 应为 0 至 {most} / out of range", name)
    return value


def read_parameters(call: Call, known: Mapping[str, Kind]) -> Given:
    """The parameters of the address and of the body's Parameters.

    Raises:
        Refusal: 400 an operation does not have a parameter, or its value is of another type, or
            it stands twice; 415 the body is no FHIR JSON.
    """
    values: dict[str, list[Any]] = {}
    for name, value in call.query:
        if name in _ALWAYS:
            continue
        kind = _kind_of(name, known)
        if kind in ("Coding", "CodeableConcept", "resource"):
            text = f"{name} 只能用 POST 发送 / by POST only"
            raise Refusal(400, "not-supported", text, name)
        values.setdefault(name, []).append(_primitive(name, value, kind))
    if call.method == "POST":
        check_content_type(call.headers.get(b"content-type"), FHIR_JSON)
        for name, value in _body_parameters(json_of(call.body, call.door.limits)):
            kind = _kind_of(name, known)
            if kind in ("Coding", "CodeableConcept", "resource"):
                if not isinstance(value, dict):
                    raise _wrong_type(name, kind)
                values.setdefault(name, []).append(value)
            else:
                values.setdefault(name, []).append(_primitive(name, value, kind))
    for name, found in values.items():
        if len(found) > 1 and name not in _REPEATED:
            raise Refusal(400, "value", f"参数 {name} 出现了两次 / given twice", name)
    return Given(values)


def _kind_of(name: str, known: Mapping[str, Kind]) -> Kind:
    if name not in known:
        text = f"没有参数 {name[:60]!r} / unknown parameter"
        raise Refusal(400, "not-supported", text, name[:60])
    return known[name]


def _body_parameters(found: Any) -> list[tuple[str, Any]]:
    if not isinstance(found, dict) or found.get("resourceType") != "Parameters":
        raise Refusal(400, "structure", "请求体应为 Parameters / the body is no Parameters")
    listed = found.get("parameter", [])
    if not isinstance(listed, list):
        raise Refusal(400, "structure", "parameter 应为数组 / malformed", "Parameters.parameter")
    pairs = []
    for at, one in enumerate(listed):
        place = f"Parameters.parameter[{at}]"
        if not isinstance(one, dict) or not isinstance(one.get("name"), str):
            raise Refusal(400, "structure", "参数没有名称 / malformed Parameters", place)
        values = [
            value for key, value in one.items() if key == "resource" or key.startswith("value")
        ]
        if len(values) != 1:
            raise Refusal(400, "structure", "参数应有一个值 / one value expected", place)
        pairs.append((one["name"], values[0]))
    return pairs


def _primitive(name: str, value: Any, kind: Kind) -> Any:
    if kind == "boolean":
        known = {"true": True, "false": False, True: True, False: False}
        if not isinstance(value, str | bool) or value not in known:
            raise _wrong_type(name, kind)
        return known[value]
    if kind == "number":
        if isinstance(value, str) and value.isascii() and value.lstrip("-").isdecimal():
            return int(value[:12])
        if not isinstance(value, int) or isinstance(value, bool):
            raise _wrong_type(name, kind)
        return value
    if not isinstance(value, str):
        raise _wrong_type(name, kind)
    if kind == "date":
        text = value.strip().replace(" ", "+")
        try:
            low = date_range(text).low
        except ValueError:
            raise _wrong_type(name, kind) from None
        return low.astimezone(LOCAL).date().isoformat()
    return value


def _wrong_type(name: str, kind: Kind) -> Refusal:
    return Refusal(400, "value", f"参数 {name} 的值有误，应为 {kind} / wrong value", name)


def required(name: str) -> Refusal:
    return Refusal(400, "required", f"缺少参数 {name} / missing parameter", name)
