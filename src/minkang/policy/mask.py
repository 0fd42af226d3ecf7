"""Masks: what is taken out of a resource before it leaves, for who may not see it plainly.

- `list`: names and numbers as lists show them (the surname, the ends of a number).
- `pseudonym`: nothing that tells who somebody is. Kept are codes, numbers, units' codes, dates of
  care, the birth year, and the county of an address; dropped is every text that a person wrote,
  every identifier, attachment and extension; ids and references become keyed pseudonyms, the same
  for the same project (personal-information protection law, art. 51 and 73; GB/T 39725-2020, 11).

What is kept is listed by FHIR type, so that an element that nobody thought of is dropped. The same
holds for what may be searched by: `refuse_masked` refuses all that could tell what is masked.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final

from minkang.crypto import hmac_sm3
from minkang.fhir import Problem, Refused, Resource, local_reference
from minkang.fhir.definitions import definitions
from minkang.fhir.search import Clause, Condition, DateValue, Parameter, Search

_SURNAMES_OF_TWO: Final = frozenset(
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 长孙 宇文 司徒 夏侯 独孤 端木 轩辕".split()
)
_TAG: Final = b"minkang pseudonym 1\0"
_PSEUDONYM_BYTES: Final = 16

# FHIR types whose values tell nothing about who somebody is.
_KEPT_PRIMITIVES: Final = frozenset(
    "boolean code date dateTime decimal id instant integer positiveInt time unsignedInt uri".split()
)
_KEPT_COMPLEX: Final = frozenset(
    "Age BackboneElement CodeableConcept Coding Count Distance Dosage Duration Element Meta Money"
    " Period Quantity Range Ratio Reference SampledData SimpleQuantity Timing".split()
)
_DROPPED: Final = frozenset(
    "contact contained extension implicitRules language link modifierExtension text".split()
)
_LISTED: Final = ("resourceType", "id", "meta", "active", "gender")
_COUNTY: Final = ("state", "city", "district")
_META: Final = ("versionId", "lastUpdated", "security", "profile")

# What a pseudonymised search may ask for: kinds of parameters whose values are codes, numbers or
# dates, without those that name somebody.
_ASKED_KINDS: Final = frozenset({"token", "date", "number", "quantity", "composite"})
_NAMING: Final = ("address", "identifier", "phone", "email", "telecom", "accession", "serial")
_NAMING_CODES: Final = frozenset({"_id", "_source", "_tag", "contract-number", "udi-di"})
_MODIFIERS: Final = frozenset({None, "not", "in", "not-in", "above", "below", "missing"})
_BIRTH: Final = frozenset({"birthdate", "death-date"})
_YEAR: Final = 364 * 86_400 * 1_000_000
"""Microseconds that a whole year has at least, less a day."""

Pseudonyms = Callable[[str, str], str]
"""The pseudonym of a resource, from its type and id."""


def masked_name(name: str) -> str:
    """张三丰 as 张**: the surname stays."""
    kept = 2 if name[:2] in _SURNAMES_OF_TWO else 1
    return name[:kept] + "*" * max(1, len(name) - kept) if name else "*"


def masked_number(number: str) -> str:
    """An ID number with the first four and the last four characters."""
    return f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}" if len(number) > 8 else ""


def pseudonyms(key: bytes, project: str) -> Pseudonyms:
    """Pseudonyms of one project; without the key nobody can undo or link them."""
    bound = _TAG + len(project.encode()).to_bytes(4, "big") + project.encode()

    def pseudonym(kind: str, resource_id: str) -> str:
        return hmac_sm3(key, bound + f"{kind}/{resource_id}".encode())[:_PSEUDONYM_BYTES].hex()

    return pseudonym


def listed(resource: Resource) -> Resource:
    """A Patient or Person as lists show them; anything else without its narrative."""
    if resource.get("resourceType") not in ("Patient", "Person", "RelatedPerson"):
        return {name: value for name, value in resource.items() if name != "text"}
    shown: Resource = {name: resource[name] for name in _LISTED if name in resource}
    if names := _dicts(resource.get("name")):
        shown["name"] = [{"text": masked_name(_text_of(one))} for one in names]
    shown["identifier"] = [
        {**{k: v for k, v in one.items() if k in ("system", "type", "use")},
         "value": masked_number(str(one.get("value", "")))}
        for one in _dicts(resource.get("identifier"))
    ]  # fmt: skip
    shown["telecom"] = [
        {"system": one.get("system", "other"), "value": _masked_phone(str(one.get("value", "")))}
        for one in _dicts(resource.get("telecom"))
    ]
    shown["address"] = _counties(resource.get("address"))
    if "birthDate" in resource:
        shown["birthDate"] = str(resource["birthDate"])[:4]
    return {name: value for name, value in shown.items() if value != []}


def pseudonymised(resource: Resource, pseudonym: Pseudonyms) -> Resource:
    """A resource without anything that tells who somebody is; see the module."""
    kind = str(resource.get("resourceType", ""))
    made: Resource = {"resourceType": kind, "id": pseudonym(kind, str(resource.get("id", "")))}
    meta = resource.get("meta", {})
    made["meta"] = {name: meta[name] for name in _META if name in meta}
    if kind in definitions().types:
        made |= _kept(resource, kind, pseudonym)
    if kind in ("Patient", "Person", "RelatedPerson", "Practitioner"):
        for name in ("birthDate", "deceasedDateTime"):
            if name in made:
                made[name] = str(made[name])[:4]
        if counties := _counties(resource.get("address")):
            made["address"] = counties
    return made


def _kept(node: dict[str, Any], kind: str, pseudonym: Pseudonyms) -> dict[str, Any]:
    """The elements of a node that stay; those of the resource itself apart from id and meta."""
    made: dict[str, Any] = {}
    if kind == "Reference":
        target = local_reference(node)
        return {} if target is None else {"reference": f"{target[0]}/{pseudonym(*target)}"}
    known = _elements(kind)
    for name, value in node.items():
        held = known.get(name)
        if held is None:
            continue
        several = value if isinstance(value, list) else [value]
        kept = [one for given in several if (one := _value(given, held, pseudonym)) is not None]
        if kept:
            made[name] = kept if isinstance(value, list) else kept[0]
    return made


def _value(value: Any, kind: str, pseudonym: Pseudonyms) -> Any:
    """A value that stays, or None."""
    if kind in _KEPT_PRIMITIVES:
        return None if isinstance(value, dict | list) else value
    if not isinstance(value, dict):
        return None
    return _kept(value, kind, pseudonym) or None


@cache
def _elements(kind: str) -> dict[str, str]:
    """Names in JSON to FHIR types, of the elements of a type that stay."""
    found: dict[str, str] = {}
    for element in definitions().types[kind].elements.values():
        if element.name in _DROPPED or element.name in ("id", "meta", "resourceType"):
            continue
        for one in element.types:
            if one in _KEPT_PRIMITIVES or one in _KEPT_COMPLEX or "." in one:
                name = element.name
                found[name + one[0].upper() + one[1:] if element.choice else name] = one
    return found


def refuse_masked(search: Search) -> None:
    """Refuse what a pseudonymised search may not ask: it would tell what is masked.

    Raises:
        Refused: each problem names the parameter.
    """
    problems = [problem for one in search.conditions for problem in _told_by(one)]
    problems += [
        _problem(key.parameter.code, "不可按此排序")
        for key in search.sort
        if _tells(key.parameter) or key.parameter.kind == "token" or key.parameter.code in _BIRTH
    ]
    if problems:
        raise Refused(problems)


def _told_by(condition: Condition) -> Iterable[Problem]:
    if not isinstance(condition, Clause):
        yield _problem(condition.parameter.code, "不可经引用检索")
        return
    parameter = condition.parameter
    if _tells(parameter) or condition.modifier not in _MODIFIERS:
        yield _problem(parameter.code, "不可按此检索")
    elif parameter.code in _BIRTH and any(map(_finer_than_a_year, condition.values)):
        yield _problem(parameter.code, "只可按年份检索")


def _tells(parameter: Parameter) -> bool:
    """Whether the values of a parameter could tell who somebody is."""
    code = parameter.code
    naming = code in _NAMING_CODES or any(part in code for part in _NAMING)
    return naming or parameter.kind not in _ASKED_KINDS or any(map(_tells, parameter.components))


def _finer_than_a_year(value: Any) -> bool:
    return not isinstance(value, DateValue) or value.high - value.low < _YEAR


def _problem(code: str, text: str) -> Problem:
    return Problem("search", code, "masked", f"假名化数据{text}：{code}")


def _counties(addresses: Any) -> list[dict[str, Any]]:
    """Province, city and county of addresses."""
    found = ({n: one[n] for n in _COUNTY if one.get(n)} for one in _dicts(addresses))
    return [one for one in found if one]


def _dicts(value: Any) -> list[dict[str, Any]]:
    several = value if isinstance(value, list) else [value]
    return [one for one in several if isinstance(one, dict)]


def _text_of(name: dict[str, Any]) -> str:
    given = "".join(str(one) for one in name.get("given", []))
    return str(name.get("text") or f"{name.get('family', '')}{given}")


def _masked_phone(number: str) -> str:
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 11 else "****"
