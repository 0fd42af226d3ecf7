"""A Questionnaire (FHIR R4) as typed records: what of it these pages understand.

Understood are the item types group, string, text, integer, decimal, date and choice; `required`,
`repeats`, `enableWhen` by choice, `answerOption`; and the extensions minValue, maxValue,
maxDecimalPlaces, questionnaire-unit, questionnaire-maxOccurs, questionnaire-optionExclusive,
translation, and of Structured Data Capture observationExtract.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Final, Literal, get_args

import msgspec

from minkang.fhir import decode

_FHIR: Final = "http://hl7.org/fhir/StructureDefinition/"
_EXTRACT: Final = (
    "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-observationExtract"
)
_SHIPPED: Final = (
    "hypertension_followup.json", "diabetes_followup.json", "elderly_checkup.json",
    "newborn_visit.json", "child_checkup.json", "postnatal_visit.json", "postnatal_42.json",
)  # fmt: skip

Kind = Literal["group", "string", "text", "integer", "decimal", "date", "choice"]
Operator = Literal["=", "!="]


class FormBroken(Exception):  # noqa: N818 - reads as what happened
    """A Questionnaire says what is not understood; the text names the item."""


class Words(msgspec.Struct, frozen=True):
    """A text in Chinese and English."""

    zh: str
    en: str

    def said(self, language: str) -> str:
        """In a language of the pages."""
        return self.en if language == "en" and self.en else self.zh


class Option(msgspec.Struct, frozen=True):
    """A choice; `exclusive`: with it no other one."""

    code: str
    words: Words
    system: str
    exclusive: bool


class When(msgspec.Struct, frozen=True):
    """An item is asked only if another one was answered (not) so."""

    question: str
    operator: Operator
    code: str


class Item(msgspec.Struct, frozen=True):
    """A question, or a group of them.

    Attributes:
        link: linkId, unique in the form.
        low, high: smallest and largest value, None: any.
        places: digits behind the decimal point at most.
        unit: as shown and printed; ucum: whether it is a code of UCUM.
        rows: of a repeating group, how often it may be filled.
        code: (system, code) of what is measured.
        extract: its answer becomes an Observation.
    """

    link: str
    kind: Kind
    words: Words
    required: bool = False
    repeats: bool = False
    options: tuple[Option, ...] = ()
    when: tuple[When, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None
    places: int = 2
    unit: str = ""
    ucum: bool = False
    rows: int = 1
    code: tuple[str, str] | None = None
    extract: bool = False
    items: tuple["Item", ...] = ()


class Form(msgspec.Struct, frozen=True):
    """A Questionnaire.

    Attributes:
        key: its id, as in addresses.
        canonical: url and version, as QuestionnaireResponses name it.
        code: of the form in WS/T 483-2016, '' where it has none.
    """

    key: str
    canonical: str
    title: Words
    code: str
    items: tuple[Item, ...]

    def each(self) -> Iterator[Item]:
        """All items, groups before what lies in them."""
        yield from _each(self.items)

    def has(self, link: str) -> bool:
        """Whether there is such an item."""
        return link in _by_link(self)

    def item(self, link: str) -> Item:
        """An item by its linkId.

        Raises:
            KeyError: there is none.
        """
        return _by_link(self)[link]


def _each(items: tuple[Item, ...]) -> Iterator[Item]:
    for one in items:
        yield one
        yield from _each(one.items)


@cache
def _links(form: str) -> Mapping[str, Item]:
    return {one.link: one for one in forms()[form].each()}


def _by_link(form: Form) -> Mapping[str, Item]:
    shipped = forms().get(form.key)
    return _links(form.key) if shipped is form else {one.link: one for one in form.each()}


@cache
def forms() -> Mapping[str, Form]:
    """The forms of the release by key."""
    folder = resources.files("minkang.record.questionnaires")
    found = [read_form((folder / name).read_bytes()) for name in _SHIPPED]
    return {one.key: one for one in found}


def form_of(key: str) -> Form | None:
    """A form by its key."""
    return forms().get(key)


def read_form(body: bytes) -> Form:
    """A Questionnaire in JSON.

    Raises:
        FormBroken: it says what is not understood.
    """
    resource = decode(body)
    if resource.get("resourceType") != "Questionnaire":
        raise FormBroken("resourceType is not Questionnaire")
    form = Form(
        resource["id"],
        f"{resource['url']}|{resource['version']}",
        _words(resource, "title"),
        resource["code"][0]["code"] if "code" in resource else "",
        tuple(map(_item, resource["item"])),
    )
    _check(form)
    return form


def _check(form: Form) -> None:
    links = [one.link for one in form.each()]
    twice = sorted({one for one in links if links.count(one) > 1})
    if twice:
        raise FormBroken(f"linkId twice: {', '.join(twice)}")
    choices = {one.link: {o.code for o in one.options} for one in form.each()}
    for one in form.each():
        for when in one.when:
            if when.code not in choices.get(when.question, ()):
                raise FormBroken(f"{one.link}.enableWhen: {when.question} {when.code}")
        if (one.kind == "choice") != bool(one.options):
            raise FormBroken(f"{one.link}.answerOption")


def _item(item: Mapping[str, Any]) -> Item:
    link, kind = item["linkId"], item["type"]
    if kind not in get_args(Kind):
        raise FormBroken(f"{link}.type: {kind}")
    said = {one["url"]: one for one in item.get("extension", [])}
    unit = said.get(f"{_FHIR}questionnaire-unit", {}).get("valueCoding", {})
    coding = item.get("code", [None])[0]
    return Item(
        link,
        kind,
        _words(item, "text"),
        required=item.get("required", False),
        repeats=item.get("repeats", False),
        options=tuple(map(_option, item.get("answerOption", []))),
        when=tuple(_when(link, one) for one in item.get("enableWhen", [])),
        low=_number(said.get(f"{_FHIR}minValue")),
        high=_number(said.get(f"{_FHIR}maxValue")),
        places=said.get(f"{_FHIR}maxDecimalPlaces", {}).get("valueInteger", 2),
        unit=unit.get("code") or unit.get("display", ""),
        ucum="code" in unit,
        rows=said.get(f"{_FHIR}questionnaire-maxOccurs", {}).get("valueInteger", 1),
        code=(coding["system"], coding["code"]) if coding else None,
        extract=said.get(_EXTRACT, {}).get("valueBoolean", False),
        items=tuple(map(_item, item.get("item", []))),
    )


def _number(extension: Mapping[str, Any] | None) -> Decimal | None:
    if extension is None:
        return None
    value = extension.get("valueInteger", extension.get("valueDecimal"))
    return None if value is None else Decimal(str(value))


def _option(option: Mapping[str, Any]) -> Option:
    coding = option["valueCoding"]
    exclusive = any(
        one["url"] == f"{_FHIR}questionnaire-optionExclusive" and one.get("valueBoolean")
        for one in option.get("extension", [])
    )
    return Option(coding["code"], _words(coding, "display"), coding.get("system", ""), exclusive)


def _when(link: str, when: Mapping[str, Any]) -> When:
    if when["operator"] not in get_args(Operator) or "answerCoding" not in when:
        raise FormBroken(f"{link}.enableWhen: {when['operator']}")
    return When(when["question"], when["operator"], when["answerCoding"]["code"])


def _words(element: Mapping[str, Any], name: str) -> Words:
    """A string with its translation into English (extension translation)."""
    english = ""
    for one in element.get(f"_{name}", {}).get("extension", []):
        parts = {part["url"]: part for part in one.get("extension", [])}
        if parts.get("lang", {}).get("valueCode") == "en":
            english = parts["content"]["valueString"]
    return Words(element[name], english)
