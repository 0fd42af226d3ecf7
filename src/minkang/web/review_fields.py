"""Two registrations field by field: what each says, and whether they agree. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from minkang.fhir import Resource
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.policy.mask import masked_number
from minkang.web.rendering import N_

State = Literal["same", "near", "differs", "one", "none"]
Say = Callable[[str], str]

_MAIDEN: Final = "maiden"
_SEXES: Final[Mapping[str, str]] = {
    "male": N_("男"),
    "female": N_("女"),
    "other": N_("其他"),
    "unknown": N_("性别未知"),
}
LABELS: Final[Mapping[str, str]] = {
    "name": N_("姓名"),
    "former": N_("其他姓名"),
    "sex": N_("性别"),
    "born": N_("出生日期"),
    "number": N_("身份证号"),
    "cards": N_("其他证件和卡"),
    "phone": N_("电话"),
    "address": N_("住址"),
    "kin": N_("亲属或监护人"),
    "birth": N_("多胞胎次序"),
    "died": N_("死亡"),
}
_CLOSE: Final = 2


class Field(msgspec.Struct, frozen=True):
    """One line of the comparison.

    Attributes:
        a, b: what each registration says; several values may stand beside each other.
        state: how they agree: the sets have a value in common, or differ in one or two places of
            a number or date (`near`), or only one side has a value.
        note: what is to be known besides, in the visitor's language.
    """

    key: str
    label: str
    a: tuple[str, ...]
    b: tuple[str, ...]
    state: State
    note: str = ""


def fields_of(one: Resource, other: Resource, say: Say, *, shown: bool) -> list[Field]:
    """The lines for two Patients; with `shown` numbers stand in full, else masked."""
    left, right = values_of(one, say), values_of(other, say)
    lines = []
    for key, label in LABELS.items():
        a, b = left[key], right[key]
        if not a and not b and key in ("former", "birth", "died"):
            continue
        state = _state(key, a, b)
        note = _note(key, a, b, say) if state in ("near", "differs") else ""
        lines.append(
            Field(key, say(label), _as_shown(key, a, shown), _as_shown(key, b, shown), state, note)
        )
    return lines


def values_of(patient: Resource, say: Say) -> dict[str, tuple[str, ...]]:
    """What a Patient says under each key, in full."""
    names = list(patient.get("name", []))
    usual = [one for one in names if one.get("use") not in (_MAIDEN, "old") and _is_written(one)]
    identifiers = [one for one in patient.get("identifier", []) if one.get("value")]
    sex = patient.get("gender", "")
    return {
        "name": _texts(_name(one) for one in usual[:1]),
        "former": _texts(_name(one) for one in names if one not in usual[:1] and _is_written(one)),
        "sex": (say(_SEXES.get(sex, sex)),) if sex else (),
        "born": _texts([patient.get("birthDate", "")]),
        "number": _texts(
            one["value"] for one in identifiers if one.get("system") == ID_CARD_SYSTEM
        ),
        "cards": _texts(one["value"] for one in identifiers if _is_card(one)),
        "phone": _texts(one.get("value", "") for one in patient.get("telecom", [])),
        "address": _texts(_address(one) for one in patient.get("address", [])),
        "kin": _texts(_kin(one) for one in patient.get("contact", [])),
        "birth": _texts([str(patient.get("multipleBirthInteger", ""))]),
        "died": _died(patient, say),
    }


def shared(fields: Sequence[Field], say: Say) -> list[str]:
    """What both have in common that few people share."""
    words = {
        "phone": N_("登记了相同的电话"),
        "kin": N_("登记了相同的亲属或监护人"),
        "cards": N_("有相同的卡号"),
        "address": N_("住址相同"),
    }
    same = {one.key for one in fields if one.state == "same"}
    return [say(text) for key, text in words.items() if key in same]


def masked(key: str, value: str) -> str:
    """A number with its ends alone; a telephone number without its middle."""
    if key == "phone":
        return f"{value[:3]}****{value[-4:]}" if len(value) > 7 else "*" * len(value)
    if key in ("number", "cards"):
        return masked_number(value) or "*" * len(value)
    return value


def _as_shown(key: str, values: tuple[str, ...], shown: bool) -> tuple[str, ...]:
    return values if shown else tuple(masked(key, one) for one in values)


def _state(key: str, a: tuple[str, ...], b: tuple[str, ...]) -> State:
    if not a or not b:
        return "one" if a or b else "none"
    if {one.casefold() for one in a} & {one.casefold() for one in b}:
        return "same"
    near = key in ("number", "born", "phone") and any(_places(x, y) <= _CLOSE for x in a for y in b)
    return "near" if near or (key == "name" and _alike(a[0], b[0])) else "differs"


def _places(one: str, other: str) -> int:
    """In how many places two numbers of one length differ; else as many as there are."""
    if len(one) != len(other):
        return max(len(one), len(other))
    return sum(x != y for x, y in zip(one, other, strict=True))


def _alike(one: str, other: str) -> bool:
    """Whether names have the same characters in another order, or differ in one."""
    return sorted(one) == sorted(other) or (len(one) > 1 and _places(one, other) == 1)


def _note(key: str, a: tuple[str, ...], b: tuple[str, ...], say: Say) -> str:
    """Where a number differs: the reader sees it masked."""
    if key not in ("number", "phone") or len(a[0]) != len(b[0]):
        return ""
    places = [n for n, (x, y) in enumerate(zip(a[0], b[0], strict=True), 1) if x != y]
    if not places or len(places) > _CLOSE:
        return ""
    return say(N_("第 %(places)s 位不同")) % {"places": "、".join(map(str, places))}


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for one in values if (text := one.strip())))


def _name(name: Mapping[str, Any]) -> str:
    given = " ".join(name.get("given", []))
    return str(name.get("text") or f"{name.get('family', '')} {given}".strip())


def _is_written(name: Mapping[str, Any]) -> bool:
    """Whether a name is written as people write it, not its pinyin."""
    return all(one.get("valueCode") != "SYL" for one in name.get("extension", []))


def _is_card(identifier: Mapping[str, Any]) -> bool:
    """Whether a number is a document's or a card's: not the ID number, not a source's own, which
    is another in every institution and says nothing of who it is."""
    system = str(identifier.get("system", ""))
    return system != ID_CARD_SYSTEM and not system.startswith("urn:minkang:source:")


def _address(address: Mapping[str, Any]) -> str:
    parts = ("state", "city", "district")
    whole = "".join(address.get(part, "") for part in parts) + "".join(address.get("line", []))
    return str(address.get("text") or whole)


def _kin(contact: Mapping[str, Any]) -> str:
    """A contact by name; an employer has none of a person's relations."""
    return _name(contact["name"]) if "name" in contact else ""


def _died(patient: Resource, say: Say) -> tuple[str, ...]:
    if at := patient.get("deceasedDateTime"):
        return (str(at)[:10],)
    return (say(N_("已死亡")),) if patient.get("deceasedBoolean") else ()
