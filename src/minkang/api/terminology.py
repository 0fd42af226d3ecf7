"""The operations of a terminology service at the FHIR base (R4, 4.7), by GET and by Parameters.

`CodeSystem/$lookup`, `$validate-code`, `$subsumes`; `ValueSet/$expand`, `$validate-code`;
`ConceptMap/$translate`. What a code means is in `minkang.terminology`; here its answers get FHIR's
form, and what it refuses a status: 404 what is named is not known, 400 what was asked is not
understood, 422 a resource can't be worked with.
"""

from minkang.api.access import ask, ask_to_read, identify, missing, reading
from minkang.api.call import Answer, Call, resource_answer
from minkang.api.outcomes import Refusal
from minkang.api.terminology_answers import (
    expanded,
    looked_up,
    parameters_of,
    refusal_of,
    translated,
    verdict_of,
)
from minkang.api.terminology_parameters import (
    EXPAND,
    LOOKUP,
    REFUSED_IF_TRUE,
    SUBSUMES,
    TRANSLATE,
    VALIDATE_SET,
    VALIDATE_SYSTEM,
    Given,
    coding_of,
    codings_of,
    day_of,
    in_version,
    of_pair,
    of_type,
    read_parameters,
    required,
    within,
)
from minkang.fhir import Refused
from minkang.policy import Decision
from minkang.terminology import (
    CodeSystem,
    Coding,
    ConceptMap,
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
from minkang.terminology.builtin import canonical
from minkang.terminology.from_fhir import code_system_of, concept_map_of, value_set_of
from minkang.terminology.operations import subsumption

_MOST = 1_000
_LONGEST_FILTER = 200


async def lookup_code(call: Call) -> Answer:
    """`CodeSystem/$lookup`."""
    given = read_parameters(call, LOOKUP)
    terminology = await _terminology(call)
    coding = coding_of(given, given.text("system"))
    if not coding.system:
        raise required("system")
    version = coding.version or given.text("version")
    try:
        found = await lookup(
            terminology, coding.system, coding.code, on=day_of(call, given), version=version
        )
    except Refused as refused:
        raise refusal_of(refused) from None
    return resource_answer(looked_up(found, frozenset(given.values.get("property", ()))))


async def validate_in_code_system(call: Call) -> Answer:
    """`CodeSystem/$validate-code`, of all code systems or of one in the store."""
    given = read_parameters(call, VALIDATE_SYSTEM)
    terminology = await _terminology(call)
    try:
        own = await _own_system(call, terminology, given)
        url = own.head.url if own else given.text("url")
        codings = codings_of(given, url)
        verdict = Verdict(valid=False, message=f"没有 {url} 的代码")
        for coding in codings:
            if url is not None and canonical(coding.system) != canonical(url):
                continue
            if not coding.system:
                raise required("url")
            verdict = await validate_in_system(
                terminology,
                in_version(coding, given.text("version")),
                on=day_of(call, given),
                dated="date" in given.values,
                system=own,
            )
            if verdict.valid:
                break
    except Refused as refused:
        raise refusal_of(refused) from None
    return resource_answer(verdict_of(verdict))


async def validate_in_set(call: Call) -> Answer:
    """`ValueSet/$validate-code`, of a value set by URL, in the store, or sent along."""
    given = read_parameters(call, VALIDATE_SET)
    terminology = await _terminology(call)
    try:
        verdict = await validate_in_value_set(
            terminology,
            await _value_set(call, terminology, given),
            codings_of(given, given.text("system")),
            on=day_of(call, given),
            dated="date" in given.values,
            abstract=given.flag("abstract"),
        )
    except Refused as refused:
        raise refusal_of(refused) from None
    return resource_answer(verdict_of(verdict))


async def subsumes_code(call: Call) -> Answer:
    """`CodeSystem/$subsumes`."""
    given = read_parameters(call, SUBSUMES)
    terminology = await _terminology(call)
    try:
        own = await _own_system(call, terminology, given)
        system = own.head.url if own else given.text("system")
        a, b = (of_pair(given, letter, system) for letter in ("A", "B"))
        if not a.system:
            raise required("system")
        if canonical(a.system) != canonical(b.system):
            raise Refusal(400, "value", "两个代码不属于同一系统 / not of one system", "codingB")
        if own is not None:
            outcome = subsumption(own, a.code, b.code)
        else:
            version = a.version or given.text("version")
            outcome = await subsumes(terminology, a.system, a.code, b.code, version=version)
    except Refused as refused:
        raise refusal_of(refused) from None
    return resource_answer(parameters_of(("outcome", "valueCode", outcome)))


async def expand_value_set(call: Call) -> Answer:
    """`ValueSet/$expand`, of a value set by URL, in the store, or sent along."""
    given = read_parameters(call, EXPAND)
    for name in REFUSED_IF_TRUE:
        if given.flag(name):
            raise Refusal(400, "not-supported", f"不支持 {name} / not supported", name)
    terminology = await _terminology(call)
    text = given.text("filter") or ""
    if len(text) > _LONGEST_FILTER:
        raise Refusal(400, "too-long", "filter 太长 / too long", "filter")
    wanted = Wanted(
        on=day_of(call, given),
        text=text,
        active_only=given.flag("activeOnly"),
        offset=within(given, "offset", 10_000_000) or 0,
        count=within(given, "count", _MOST),
        most=_MOST,
        excluded_systems=frozenset(
            canonical(one.partition("|")[0]) for one in given.values.get("exclude-system", ())
        ),
    )
    try:
        value_set = await _value_set(call, terminology, given)
        expansion = await expand(terminology, value_set, wanted)
    except Refused as refused:
        raise refusal_of(refused) from None
    return resource_answer(expanded(value_set, expansion, wanted, call.now))


async def translate_code(call: Call) -> Answer:
    """`ConceptMap/$translate`, by a map by URL, in the store, sent along, or by all."""
    given = read_parameters(call, TRANSLATE)
    terminology = await _terminology(call)
    try:
        maps = await _maps(call, terminology, given)
        codings = codings_of(given, given.text("system"))
        found: list[Match] = []
        for coding in codings:
            if not coding.system:
                raise required("system")
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
                        on=day_of(call, given),
                    )
                ).valid
            ]
    except Refused as refused:
        raise refusal_of(refused) from None
    return resource_answer(translated(codings, found))


# --- what is asked about ---


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
        await identify(call)
        decision = await ask(call, reading(call), kind, rest[0])
    return Terminology(call.door.store, decision.scope)


def _id(call: Call) -> str | None:
    return call.segments[1] if len(call.segments) > 2 else None  # /Type/id/$operation


async def _own_system(call: Call, terminology: Terminology, given: Given) -> CodeSystem | None:
    """The code system in the address or sent along."""
    if (resource_id := _id(call)) is not None:
        found = await terminology.stored_code_system(resource_id)
        if found is None:
            raise missing(call, "CodeSystem", resource_id)
        return found
    sent = given.one("codeSystem")
    return code_system_of(of_type(sent, "CodeSystem", "codeSystem")) if sent else None


async def _value_set(call: Call, terminology: Terminology, given: Given) -> ValueSet:
    if (resource_id := _id(call)) is not None:
        found = await terminology.stored_value_set(resource_id)
        if found is None:
            raise missing(call, "ValueSet", resource_id)
        return found
    if sent := given.one("valueSet"):
        return value_set_of(of_type(sent, "ValueSet", "valueSet"))
    return await terminology.value_set(given.required("url"), given.text("valueSetVersion"))


async def _maps(call: Call, terminology: Terminology, given: Given) -> list[ConceptMap] | None:
    """The map that is asked; None for all."""
    if (resource_id := _id(call)) is not None:
        found = await terminology.stored_concept_map(resource_id)
        if found is None:
            raise missing(call, "ConceptMap", resource_id)
        return [found]
    if sent := given.one("conceptMap"):
        return [concept_map_of(of_type(sent, "ConceptMap", "conceptMap"))]
    if (url := given.text("url")) is not None:
        return [await terminology.concept_map(url, given.text("conceptMapVersion"))]
    if (source := given.text("source")) is None:
        return None
    coding = next(iter(codings_of(given, given.text("system"))), None)
    listed = await terminology.concept_maps(
        canonical(coding.system) if coding else "", reverse=given.flag("reverse")
    )
    return [one for one in listed if source in (one.source, one.url)]
