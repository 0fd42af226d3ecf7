"""QBP^Q22: the Patients who have all that is asked for, and how well each fits.

IHE ITI TF-2, 3.21.4.1.2.2.1: the fields of PID that a query may give. They are conditions of a
search, as in PDQm; the confidence (QRI-1) is the probability of the platform's own matching.
"""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from minkang.api.hl7v2_domains import number_asked
from minkang.exchange import Source
from minkang.exchange.hl7v2.query import Asked, Authority, Number
from minkang.fhir import Problem, Refused, Resource
from minkang.fhir.search_syntax import parse_search
from minkang.identity.in_force import definition_in_force
from minkang.identity.linkage.features import features_of
from minkang.identity.linkage.score import score
from minkang.store import Scope, Store, Stored, find

_ESCAPED: Final = str.maketrans({one: f"\\{one}" for one in "\\,$|"})
_SEXES: Final = {"M": "male", "F": "female", "O": "other", "U": "unknown"}
_LENGTHS: Final = {4: "{0}", 6: "{0}-{1}", 8: "{0}-{1}-{2}"}
_NUMBER: Final = ("PID.3.1", "PID.3")
_AUTHORITY: Final = ("PID.3.4", "PID.3.4.1", "PID.3.4.2", "PID.3.4.3")
_FAMILY: Final = ("PID.5.1", "PID.5.1.1")
_GIVEN: Final = ("PID.5.2", "PID.5.2.1")
_TOO_BROAD: Final = frozenset({"gender", "address-state", "address-city", "address-postalcode"})


class Candidates(msgspec.Struct, frozen=True):
    """A page of Patients, each with its confidence; `next` is where to go on."""

    found: tuple[tuple[Stored, float], ...]
    next: str


async def candidates(store: Store, scope: Scope, source: Source, asked: Asked) -> Candidates:
    """The Patients of a scope that have all that a query asks for.

    Raises:
        Refused: a field can't be asked for, has a wrong value, or everybody would be found.
    """
    pairs = _conditions(source, asked.fields)
    given = [*pairs, ("active:not", "false"), ("_count", str(asked.most))]
    if asked.pointer:
        given.append(("_after", asked.pointer))
    try:
        page = await find(store, scope, parse_search(("Patient",), given))
    except Refused as refused:
        raise Refused([_of_search(one, asked.fields) for one in refused.problems]) from refused
    async with store.readers.lent() as connection:
        definition = await definition_in_force(connection)
    wanted = features_of(_as_patient(pairs))
    fitting = [
        (one, score(definition, wanted, features_of(one.resource)).probability)
        for one in page.matches
    ]
    return Candidates(tuple(fitting), page.next or "")


def _conditions(source: Source, fields: Mapping[str, tuple[str, str]]) -> list[tuple[str, str]]:
    """The fields as parameters of a FHIR search."""
    found = [*_number(source, fields), *_name(fields)]
    taken = {*_NUMBER, *_AUTHORITY, *_FAMILY, *_GIVEN, "PID.3.5"}
    for field, (value, place) in fields.items():
        if field in taken:
            continue
        if field not in _SIMPLE:
            raise _refused(place, "code", f"不能按 {field} 查询")
        name, convert = _SIMPLE[field]
        found.append((name, convert(value, place)))
    if all(name in _TOO_BROAD for name, _ in found):
        _, place = next(iter(fields.values()))
        text = "条件太宽：请至少给出姓名、出生日期、地址、电话或编号之一"
        raise _refused(place, "required", text)
    return found


def _number(source: Source, fields: Mapping[str, tuple[str, str]]) -> list[tuple[str, str]]:
    value, place = _first(fields, *_NUMBER)
    if not value:
        return []
    name = _first(fields, "PID.3.4.1", "PID.3.4")[0]
    oid, kind = (_first(fields, one)[0] for one in ("PID.3.4.2", "PID.3.4.3"))
    authority = Authority(name, oid, kind)
    number = Number(value, authority, _first(fields, "PID.3.5")[0].upper(), place)
    system, value = number_asked(source, number)
    return [("identifier", f"{system}|{value.translate(_ESCAPED)}")]


def _name(fields: Mapping[str, tuple[str, str]]) -> list[tuple[str, str]]:
    """The whole name where both parts are given, else what it begins with, or the given name."""
    family, given = (_first(fields, *one)[0].rstrip("*") for one in (_FAMILY, _GIVEN))
    if family and given:
        apart = " " if family[-1].isascii() and given[0].isascii() else ""
        return [("name", f"{family}{apart}{given}".translate(_ESCAPED))]
    if family:
        return [("name", family.translate(_ESCAPED))]
    return [("given", given.translate(_ESCAPED))] if given else []


def _day(value: str, place: str) -> str:
    """A birth date, or the month or year of one."""
    digits = value[:8]
    form = _LENGTHS.get(len(digits))
    if form is None or not (digits.isascii() and digits.isdigit()):
        raise _refused(place, "calendar-date", "出生日期应为 YYYYMMDD、YYYYMM 或 YYYY")
    return form.format(digits[:4], digits[4:6], digits[6:])


def _sex(value: str, place: str) -> str:
    if value.upper() not in _SEXES:
        raise _refused(place, "code", f"性别 {value[:20]!r} 不在代码表 0001 中")
    return _SEXES[value.upper()]


def _text(value: str, place: str) -> str:
    return value.rstrip("*").translate(_ESCAPED)


_SIMPLE: Final[dict[str, tuple[str, Callable[[str, str], str]]]] = {
    "PID.7": ("birthdate", _day),
    "PID.7.1": ("birthdate", _day),
    "PID.8": ("gender", _sex),
    "PID.8.1": ("gender", _sex),
    "PID.11": ("address", _text),
    "PID.11.1": ("address", _text),
    "PID.11.1.1": ("address", _text),
    "PID.11.3": ("address-city", _text),
    "PID.11.4": ("address-state", _text),
    "PID.11.5": ("address-postalcode", _text),
    "PID.13": ("phone", _text),
    "PID.13.1": ("phone", _text),
    "PID.13.12": ("phone", _text),
}
"""Fields that are one parameter of the search, and how its value is written."""


def _as_patient(pairs: list[tuple[str, str]]) -> Resource:
    """What is asked for as if somebody had been registered so, to be compared with who was."""
    said = {name: value.replace("\\", "") for name, value in pairs}
    patient: Resource = {"resourceType": "Patient", "id": "unknown"}
    if "identifier" in said:
        system, _, value = said["identifier"].partition("|")
        patient["identifier"] = [{"system": system, "value": value}]
    if name := said.get("name", said.get("given")):
        patient["name"] = [{"text": name}]
    if len(said.get("birthdate", "")) == 10:
        patient["birthDate"] = said["birthdate"]
    if "gender" in said:
        patient["gender"] = said["gender"]
    if "phone" in said:
        patient["telecom"] = [{"system": "phone", "value": said["phone"]}]
    if "address" in said:
        patient["address"] = [{"text": said["address"]}]
    return patient


def _first(fields: Mapping[str, tuple[str, str]], *names: str) -> tuple[str, str]:
    return next((fields[one] for one in names if one in fields), ("", ""))


def _of_search(problem: Problem, fields: Mapping[str, tuple[str, str]]) -> Problem:
    """What is wrong with the search, at its place in the message."""
    if problem.place == "_after":
        return Problem("map", "DSC-1", "code", "续查标记不是本平台给出的")
    _, place = next(iter(fields.values()))
    return Problem("map", place, problem.rule, problem.text)


def _refused(place: str, rule: str, text: str) -> Refused:
    return Refused([Problem("map", place, rule, text)])
