"""The operations of a terminology service at the FHIR base (R4, 4.7), by GET and by Parameters.

`CodeSystem/$lookup`, `$validate-code`, `$subsumes`; `ValueSet/$expand`, `$validate-code`;
`ConceptMap/$translate`. What a code means is in `minkang.terminology`; here its answers get FHIR's
form, and what it refuses a status: 404 what is named is not known, 400 what was asked is not
understood, 422 a resource can't be worked with.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from minkang.api.access import ask, ask_to_read, missing
from minkang.api.body import json_of
from minkang.api.call import Answer, Call, resource_answer
from minkang.api.negotiation import FHIR_JSON, check_content_type
from minkang.api.outcomes import Refusal
from minkang.fhir import Refused, Resource, date_range, encode
from minkang.fhir.dates import LOCAL
from minkang.fhir.validate import check
from minkang.policy import Decision
from minkang.terminology import (
    CodeSystem,
    Coding,
    ConceptMap,
    Found,
    Match,
    Terminology,
    ValueSet,
    Verdict,
    Wanted,
    expand,
    lookup,
    subsumes,
    translate,
    validate_in_system,
    validate_in_value_set,
)
from minkang.terminology.builtin import canonical, heads
from minkang.terminology.from_fhir import code_system_of, concept_map_of, value_set_of
from minkang.terminology.operations import subsumption

_Kind = Literal["text", "boolean", "number", "date", "Coding", "CodeableConcept", "resource"]
_MOST = 1_000
_LONGEST_FILTER = 200
_NAMESPACE = uuid.UUID("6d696e6b-616e-4672-8000-7465726d7321")
_ALWAYS = frozenset({"_format", "_pretty"})

_CODE: Mapping[str, _Kind] = {
    "code": "text",
    "system": "text",
    "version": "text",
    "coding": "Coding",
    "displayLanguage": "text",
}
_VALIDATE: Mapping[str, _Kind] = {
    "url": "text",
    "code": "text",
    "display": "text",
    "coding": "Coding",
    "codeableConcept": "CodeableConcept",
    "date": "date",
    "abstract": "boolean",
    "displayLanguage": "text",
}
_LOOKUP: Mapping[str, _Kind] = {**_CODE, "date": "date", "property": "text"}
_VALIDATE_SYSTEM: Mapping[str, _Kind] = {
    **_VALIDATE,
    "version": "text",
    "codeSystem": "resource",
}
_VALIDATE_SET: Mapping[str, _Kind] = {
    **_VALIDATE,
    "system": "text",
    "systemVersion": "text",
    "valueSet": "resource",
    "valueSetVersion": "text",
}
_SUBSUMES: Mapping[str, _Kind] = {
    "codeA": "text",
    "codeB": "text",
    "codingA": "Coding",
    "codingB": "Coding",
    "system": "text",
    "version": "text",
}
_EXPAND: Mapping[str, _Kind] = {
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
_TRANSLATE: Mapping[str, _Kind] = {
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

_REPEATED = frozenset({"property", "exclude-system", "displayLanguage"})
_REFUSED_IF_TRUE = ("includeDesignations", "includeDefinition")
_NOT_KNOWN = frozenset({"unknown-system", "unknown-value-set", "unknown-map", "unknown-code"})


class _Given(msgspec.Struct, frozen=True):
    """The parameters of a call, by name; each as the type that the operation says."""

    values: Mapping[str, Sequence[Any]]

    def text(self, name: str) -> str | None:
        value = self.one(name)
        return value if isinstance(value, str) else None

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise _required(name)
        return value

    def flag(self, name: str) -> bool:
        return self.one(name) is True

    def number(self, name: str) -> int | None:
        value = self.one(name)
        return value if isinstance(value, int) else None

    def one(self, name: str) -> Any:
        values = self.values.get(name, ())
        return values[0] if values else None


async def lookup_code(call: Call) -> Answer:
    """`CodeSystem/$lookup`."""
    given = _given(call, _LOOKUP)
    terminology = await _terminology(call)
    coding = _coding(given, given.text("system"))
    if not coding.system:
        raise _required("system")
    version = coding.version or given.text("version")
    try:
        found = await lookup(
            terminology, coding.system, coding.code, on=_day(call, given), version=version
        )
    except Refused as refused:
        raise _refusal(refused) from None
    return resource_answer(_found(found, frozenset(given.values.get("property", ()))))


async def validate_in_code_system(call: Call) -> Answer:
    """`CodeSystem/$validate-code`, of all code systems or of one in the store."""
    given = _given(call, _VALIDATE_SYSTEM)
    terminology = await _terminology(call)
    try:
        own = await _own_system(call, terminology, given)
        url = own.head.url if own else given.text("url")
        codings = _codings(given, url)
        verdict = Verdict(valid=False, message=f"没有 {url} 的代码")
        for coding in codings:
            if url is not None and canonical(coding.system) != canonical(url):
                continue
            if not coding.system:
                raise _required("url")
            verdict = await validate_in_system(
                terminology,
                _in_version(coding, given.text("version")),
                on=_day(call, given),
                dated="date" in given.values,
                system=own,
            )
            if verdict.valid:
                break
    except Refused as refused:
        raise _refusal(refused) from None
    return resource_answer(_verdict(verdict))


async def validate_in_set(call: Call) -> Answer:
    """`ValueSet/$validate-code`, of a value set by URL, in the store, or sent along."""
    given = _given(call, _VALIDATE_SET)
    terminology = await _terminology(call)
    try:
        verdict = await validate_in_value_set(
            terminology,
            await _value_set(call, terminology, given),
            _codings(given, given.text("system")),
            on=_day(call, given),
            dated="date" in given.values,
            abstract=given.flag("abstract"),
        )
    except Refused as refused:
        raise _refusal(refused) from None
    return resource_answer(_verdict(verdict))


async def subsumes_code(call: Call) -> Answer:
    """`CodeSystem/$subsumes`."""
    given = _given(call, _SUBSUMES)
    terminology = await _terminology(call)
    try:
        own = await _own_system(call, terminology, given)
        system = own.head.url if own else given.text("system")
        a, b = (_of_pair(given, letter, system) for letter in ("A", "B"))
        if not a.system:
            raise _required("system")
        if canonical(a.system) != canonical(b.system):
            raise Refusal(400, "value", "两个代码不属于同一系统 / not of one system", "codingB")
        if own is not None:
            outcome = subsumption(own, a.code, b.code)
        else:
            version = a.version or given.text("version")
            outcome = await subsumes(terminology, a.system, a.code, b.code, version=version)
    except Refused as refused:
        raise _refusal(refused) from None
    return resource_answer(_parameters(("outcome", "valueCode", outcome)))


async def expand_value_set(call: Call) -> Answer:
    """`ValueSet/$expand`, of a value set by URL, in the store, or sent along."""
    given = _given(call, _EXPAND)
    for name in _REFUSED_IF_TRUE:
        if given.flag(name):
            raise Refusal(400, "not-supported", f"不支持 {name} / not supported", name)
    terminology = await _terminology(call)
    text = given.text("filter") or ""
    if len(text) > _LONGEST_FILTER:
        raise Refusal(400, "too-long", "filter 太长 / too long", "filter")
    wanted = Wanted(
        on=_day(call, given),
        text=text,
        active_only=given.flag("activeOnly"),
        offset=_within(given, "offset", 10_000_000) or 0,
        count=_within(given, "count", _MOST),
        most=_MOST,
        excluded_systems=frozenset(
            canonical(one.partition("|")[0]) for one in given.values.get("exclude-system", ())
        ),
    )
    try:
        value_set = await _value_set(call, terminology, given)
        expansion = await expand(terminology, value_set, wanted)
    except Refused as refused:
        raise _refusal(refused) from None
    told = [{"name": "activeOnly", "valueBoolean": True}] if wanted.active_only else []
    if text:
        told.append({"name": "filter", "valueString": text})
    if wanted.count is not None:
        told.append({"name": "count", "valueInteger": wanted.count})
    told.append({"name": "date", "valueDateTime": wanted.on})
    contains = [
        {
            "system": member.coding.system,
            **_filled(version=member.coding.version, code=member.coding.code),
            **_filled(abstract=member.abstract or None, inactive=member.inactive or None),
            **_filled(display=member.coding.display),
        }
        for member in expansion.members
    ]
    seed = f"{value_set.url}|{value_set.version}|{wanted}|{call.now.isoformat()}"
    shown: Resource = {
        "resourceType": "ValueSet",
        **_filled(url=value_set.url, version=value_set.version),
        **_filled(name=value_set.name, title=value_set.title),
        "status": value_set.status,
        "expansion": {
            "identifier": f"urn:uuid:{uuid.uuid5(_NAMESPACE, seed)}",
            "timestamp": call.now.isoformat(timespec="seconds"),
            "total": expansion.total,
            "offset": wanted.offset,
            "parameter": told,
            **_filled(contains=contains),
        },
    }
    return resource_answer(shown)


async def translate_code(call: Call) -> Answer:
    """`ConceptMap/$translate`, by a map by URL, in the store, sent along, or by all."""
    given = _given(call, _TRANSLATE)
    terminology = await _terminology(call)
    try:
        maps = await _maps(call, terminology, given)
        codings = _codings(given, given.text("system"))
        found: list[Match] = []
        for coding in codings:
            if not coding.system:
                raise _required("system")
            found += await translate(
                terminology,
                coding,
                maps=maps,
                target_system=given.text("targetsystem"),
                reverse=given.flag("reverse"),
            )
        if (target := given.text("target")) is not None:
            wanted = await terminology.value_set(target)
            found = [
                one
                for one in found
                if (
                    await validate_in_value_set(
                        terminology,
                        wanted,
                        [Coding(one.coding.system, one.coding.code)],
                        on=_day(call, given),
                    )
                ).valid
            ]
    except Refused as refused:
        raise _refusal(refused) from None
    matches = [
        {
            "name": "match",
            "part": [
                {"name": "equivalence", "valueCode": one.equivalence},
                *(
                    [{"name": "concept", "valueCoding": _as_fhir(one.coding)}]
                    if one.coding.code
                    else []
                ),
                {"name": "source", "valueUri": one.map},
            ],
        }
        for one in dict.fromkeys(found)
    ]
    mapped = any(one.is_mapped for one in found)
    answer = _parameters(("result", "valueBoolean", mapped))
    if not mapped:
        shown = "、".join(f"{one.system}#{one.code}"[:200] for one in codings[:3])
        answer["parameter"].append({"name": "message", "valueString": f"{shown} 没有映射"})
    answer["parameter"] += matches
    return resource_answer(answer)


def terminology_capabilities(base: str) -> Resource:
    """The statement of `metadata?mode=terminology`: the code systems that come with the base."""
    return {
        "resourceType": "TerminologyCapabilities",
        "status": "active",
        "date": "2026-11-22",
        "kind": "instance",
        "implementation": {"description": "Minkang 民康", "url": base},
        "codeSystem": [
            {
                "uri": head.url,
                "version": [{"code": head.version, "isDefault": True}],
                "subsumption": head.hierarchy != "none",
            }
            for head in heads().values()
        ],
        "expansion": {
            "hierarchical": False,
            "paging": True,
            "incomplete": False,
            "parameter": [
                {"name": name} for name in sorted(_EXPAND) if name not in _REFUSED_IF_TRUE
            ],
            "textFilter": "每个词：代码开头、名称的一部分，或拼音首字母",
        },
        "validateCode": {"translations": False},
        "translation": {"needsMap": False},
    }


# --- what is asked ---


async def _terminology(call: Call) -> Terminology:
    """The gate's leave to read, and what may be read.

    Raises:
        Refusal: 401, 403.
    """
    kind, *rest = call.segments
    decision: Decision
    if len(rest) > 1:
        decision = await ask_to_read(call, kind, rest[0])
    else:
        decision = await ask(call, "read-api", kind, rest[0])
    return Terminology(call.door.store, decision.scope)


def _id(call: Call) -> str | None:
    return call.segments[1] if len(call.segments) > 2 else None  # /Type/id/$operation


async def _own_system(call: Call, terminology: Terminology, given: _Given) -> CodeSystem | None:
    """The code system in the address or sent along."""
    if (resource_id := _id(call)) is not None:
        found = await terminology.stored_code_system(resource_id)
        if found is None:
            raise missing(call, "CodeSystem", resource_id)
        return found
    sent = given.one("codeSystem")
    return code_system_of(_of_type(sent, "CodeSystem", "codeSystem")) if sent else None


async def _value_set(call: Call, terminology: Terminology, given: _Given) -> ValueSet:
    if (resource_id := _id(call)) is not None:
        found = await terminology.stored_value_set(resource_id)
        if found is None:
            raise missing(call, "ValueSet", resource_id)
        return found
    if sent := given.one("valueSet"):
        return value_set_of(_of_type(sent, "ValueSet", "valueSet"))
    return await terminology.value_set(given.required("url"), given.text("valueSetVersion"))


async def _maps(call: Call, terminology: Terminology, given: _Given) -> list[ConceptMap] | None:
    """The map that is asked; None for all."""
    if (resource_id := _id(call)) is not None:
        found = await terminology.stored_concept_map(resource_id)
        if found is None:
            raise missing(call, "ConceptMap", resource_id)
        return [found]
    if sent := given.one("conceptMap"):
        return [concept_map_of(_of_type(sent, "ConceptMap", "conceptMap"))]
    if (url := given.text("url")) is not None:
        return [await terminology.concept_map(url, given.text("conceptMapVersion"))]
    if (source := given.text("source")) is None:
        return None
    coding = next(iter(_codings(given, given.text("system"))), None)
    listed = await terminology.concept_maps(
        canonical(coding.system) if coding else "", reverse=given.flag("reverse")
    )
    return [one for one in listed if source in (one.source, one.url)]


def _codings(given: _Given, system: str | None) -> list[Coding]:
    """The codes asked about: `coding`, `codeableConcept`, or `code` with its system.

    Raises:
        Refusal: 400: none of them, or malformed.
    """
    if (concept := given.one("codeableConcept")) is not None:
        listed = concept.get("coding", [])
        if not isinstance(listed, list) or not listed:
            raise _required("codeableConcept.coding")
        return [_coding_of(one, "codeableConcept.coding") for one in listed]
    return [_coding(given, system)]


def _coding(given: _Given, system: str | None) -> Coding:
    if (coding := given.one("coding")) is not None:
        return _coding_of(coding, "coding")
    version = given.text("systemVersion")
    return Coding(system or "", given.required("code"), given.text("display") or "", version)


def _of_pair(given: _Given, letter: str, system: str | None) -> Coding:
    if (coding := given.one(f"coding{letter}")) is not None:
        return _coding_of(coding, f"coding{letter}")
    return Coding(system or "", given.required(f"code{letter}"))


def _coding_of(value: Any, place: str) -> Coding:
    if not isinstance(value, dict) or not isinstance(value.get("code"), str):
        raise _required(f"{place}.code")
    parts = {name: value.get(name) for name in ("system", "display", "version")}
    if any(not isinstance(part, str | None) for part in parts.values()):
        raise Refusal(400, "structure", "编码有误 / malformed Coding", place)
    return Coding(parts["system"] or "", value["code"], parts["display"] or "", parts["version"])


def _in_version(coding: Coding, version: str | None) -> Coding:
    return coding if coding.version else msgspec.structs.replace(coding, version=version)


def _of_type(value: Any, kind: str, place: str) -> Resource:
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


def _day(call: Call, given: _Given) -> str:
    return given.text("date") or call.now.astimezone(LOCAL).date().isoformat()


def _within(given: _Given, name: str, most: int) -> int | None:
    value = given.number(name)
    if value is not None and not 0 <= value <= most:
        raise Refusal(400, "value", f"{name} 应为 0 至 {most} / out of range", name)
    return value


def _given(call: Call, known: Mapping[str, _Kind]) -> _Given:
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
    return _Given(values)


def _kind_of(name: str, known: Mapping[str, _Kind]) -> _Kind:
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


def _primitive(name: str, value: Any, kind: _Kind) -> Any:
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


def _wrong_type(name: str, kind: _Kind) -> Refusal:
    return Refusal(400, "value", f"参数 {name} 的值有误，应为 {kind} / wrong value", name)


def _required(name: str) -> Refusal:
    return Refusal(400, "required", f"缺少参数 {name} / missing parameter", name)


# --- what is answered ---


def _refusal(refused: Refused) -> Refusal:
    """The status that a refusal of the terminology means here."""
    problem = refused.problems[0]
    text = f"{problem.text} [{problem.rule}]"
    if problem.rule in _NOT_KNOWN:
        return Refusal(404, "not-found", text, problem.place)
    if problem.rule == "too-costly":
        return Refusal(400, "too-costly", text, problem.place)
    if problem.stage != "terminology":
        return Refusal.of_problems(400, refused.problems)
    code = "not-supported" if problem.rule in ("filter", "not-expandable") else "invalid"
    return Refusal(422, code, text, problem.place)


def _found(found: Found, wanted: frozenset[str]) -> Resource:
    """The answer of `$lookup`; `wanted`: only these properties (all if none are named)."""
    head = found.head
    answer = _parameters(
        ("name", "valueString", head.title or head.url),
        ("version", "valueString", found.coding.version or head.version or None),
        ("display", "valueString", found.coding.display),
    )
    for name in found.names:
        span = f"{name.since or ''}至{name.until or ''}"
        use = {"system": "urn:minkang:cs:name-use", "code": "dated", "display": span}
        part = [{"name": "use", "valueCoding": use}, {"name": "value", "valueString": name.display}]
        answer["parameter"].append({"name": "designation", "part": part})
    for code, value in found.properties:
        if wanted and code not in wanted:
            continue
        part = [{"name": "code", "valueCode": code}, {"name": "value", _typed(code, value): value}]
        answer["parameter"].append({"name": "property", "part": part})
    return answer


def _typed(code: str, value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "valueBoolean"
    if isinstance(value, int):
        return "valueInteger"
    if code in ("effectiveDate", "deprecationDate"):
        return "valueDateTime"
    return "valueCode" if code in ("parent", "child", "successor") else "valueString"


def _verdict(verdict: Verdict) -> Resource:
    return _parameters(
        ("result", "valueBoolean", verdict.valid),
        ("message", "valueString", verdict.message),
        ("display", "valueString", verdict.display),
    )


def _parameters(*rows: tuple[str, str, object]) -> Resource:
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": name, key: value} for name, key, value in rows if value is not None],
    }


def _as_fhir(coding: Coding) -> dict[str, Any]:
    return {"system": coding.system, **_filled(code=coding.code, display=coding.display)}


def _filled(**elements: Any) -> dict[str, Any]:
    """The elements that hold something."""
    return {name: value for name, value in elements.items() if value not in (None, "", [])}
