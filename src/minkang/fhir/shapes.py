"""The fast path of validation: R4's types as typed decoders that take most of what is right.

`accepts` says yes only to what `minkang.fhir.validate` finds no problem in; a no means nothing
but that the complete validation has to judge. Left to it: Bundles and whatever else holds
resources, extensions of primitives, absolute references, extensions below extensions of
extensions, recursion deeper than a few levels, `Reference.type`, and JSON with empty objects or
with escapes that may hide what is not allowed.
"""

import re
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Annotated, Any, ClassVar, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from minkang.fhir.definitions import Element, TypeDefinition, definitions
from minkang.fhir.json import Resource
from minkang.fhir.primitives import ACTIVE, ID, INTEGERS, PATTERNS, UUID
from minkang.fhir.types import TYPE_CODES

_RECURSION: Final = 4
"""So often an element may lie in itself, e.g. items of a Questionnaire."""

_FULL: Final = 2
_BARE: Final = 0
"""Levels of complex types: with extensions, and (inside of extensions) without."""

_NARROWER: Final = {
    "canonical": r"\A[!-~]+\Z",
    "code": r"\A[!-~]+(?: [!-~]+)*\Z",
    "uri": r"\A[!-~]+\Z",
    "url": r"\A[!-~]+\Z",
}
"""ASCII alone: quicker, and nearly always enough."""

_TYPE: Final = "resourceType"

_LONGEST_KNOWN: Final = 200
_MOST_KNOWN: Final = 50_000
"""Length and number of the texts of one form that are known to be right."""

_empty_object = re.compile(rb"\{\s*\}").search
_escape = re.compile(rb"\\(?:[bf]|u00[01]|u[dD][89a-fA-F])").search
_small = re.compile(rb"e-[0-9]{3,}[,}\]\s]").search
_small_capital = re.compile(rb"E-[0-9]{3,}[,}\]\s]").search
_ZEROS = b"0" * 200


def accepts(of_type: str, body: bytes) -> bool:
    """Whether a resource is right beyond doubt.

    Args:
        of_type: the resource's type, as far as the caller knows; anything is taken.
        body: JSON in UTF-8.
    """
    return not _hides(body) and _fitting(_decoder, of_type, body) is not None


def accepts_container(resource: Resource, body: bytes) -> bool:
    """Whether a resource with contained ones is right beyond doubt.

    Each is judged by itself, with the references to contained ones (`#id`) written as what they
    point to; what points nowhere keeps its `#`, which no shape takes.

    Args:
        resource: what `body` decodes to.
        body: JSON in UTF-8.
    """
    contained = resource.get("contained")
    of_type = resource.get(_TYPE)
    if not isinstance(of_type, str) or not isinstance(contained, list) or not contained:
        return False
    if _hides(body):
        return False
    names = {}
    for one in contained:
        if not isinstance(one, dict):
            return False
        kind, one_id = one.get(_TYPE), one.get("id")
        if not isinstance(kind, str) or not isinstance(one_id, str) or one_id in names:
            return False
        names[one_id] = kind
    for one_id, kind in names.items():
        body = body.replace(f'"#{one_id}"'.encode(), f'"{kind}/{one_id}"'.encode())
    whole = _fitting(_container_decoder, of_type, body)
    return whole is not None and all(
        _fitting(_decoder, kind, part) is not None
        for kind, part in zip(names.values(), whole.contained, strict=True)
    )


def _hides(body: bytes) -> bool:
    """Whether there may be something in the text that no shape sees."""
    return (
        _empty_object(body) is not None
        or (b"\\" in body and _escape(body) is not None)
        or _small(body) is not None
        or _small_capital(body) is not None
        or _ZEROS in body
    )


def _fitting(
    decoder_of: Callable[[str], msgspec.json.Decoder[Any] | None],
    of_type: str,
    body: bytes | msgspec.Raw,
) -> Any | None:
    """The text decoded by a decoder for the type, or None if it does not fit."""
    decoder = decoder_of(of_type) if of_type in TYPE_CODES else None
    if decoder is None:
        return None
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


@cache
def _decoder(of_type: str) -> msgspec.json.Decoder[Any] | None:
    shape = _struct(of_type, _RECURSION)
    return msgspec.json.Decoder(shape, dec_hook=_formed) if shape else None


@cache
def _container_decoder(of_type: str) -> msgspec.json.Decoder[Any] | None:
    """One that leaves contained resources as they are."""
    given = {_TYPE: Literal[of_type], "contained": list[msgspec.Raw]}
    shape = _shape(definitions().types[of_type], _RECURSION, given, needed=(_TYPE,))
    return msgspec.json.Decoder(shape, dec_hook=_formed) if shape else None


class _Form:
    """A text of a certain form, in what the decoders make: which text it was nobody asks.

    Addresses of code systems, codes, dates and references come again and again: to know one
    costs a quarter of matching it.
    """

    pattern: ClassVar[re.Pattern[str]]
    known: ClassVar[set[str]]
    instance: ClassVar["_Form"]


@cache
def _form(text_pattern: str) -> type[_Form]:
    """The form of the texts that a pattern matches."""

    class Form(_Form):
        pattern = re.compile(text_pattern)
        known: ClassVar[set[str]] = set()

    Form.instance = Form()
    return Form


def _formed(form: type[_Form], text: str) -> _Form:
    """What stands for a text in the form wanted; called by the decoders.

    Raises:
        ValueError, TypeError: the text has another form, or is no text.
    """
    known = form.known
    if text not in known:
        if form.pattern.search(text) is None:
            raise ValueError
        if len(text) <= _LONGEST_KNOWN:
            if len(known) >= _MOST_KNOWN:
                known.clear()
            known.add(text)
    return form.instance


@cache
def _struct(name: str, level: int) -> type[msgspec.Struct] | None:
    """The shape of a type; None if it has a required element that is left to the validator."""
    definition = definitions().types[name]
    if definition.kind == "resource":
        return _shape(definition, level, {_TYPE: Literal[name]}, needed=(_TYPE,))
    return _shape(definition, level, {})


@cache
def _reference(targets: tuple[str, ...], level: int) -> type[msgspec.Struct] | None:
    types = "|".join(targets or TYPE_CODES)
    pattern = rf"\A(?:(?:{types})(?:/{ID}(?:/_history/{ID})?|\?[!-~]+)|{UUID})\Z"
    return _shape(
        definitions().types["Reference"],
        level,
        {"reference": _form(pattern), "type": None},
    )


@cache
def _bound_concept(value_set: str, level: int) -> type[msgspec.Struct] | None:
    """A CodeableConcept all of whose codings are of a value set with a single system."""
    codes = definitions().codes[value_set]
    systems = {system for system, _ in codes}
    if len(systems) > 1:
        return None
    types = definitions().types
    coding = _shape(
        types["Coding"],
        level,
        {"system": Literal[tuple(systems)], "code": Literal[tuple(sorted(c for _, c in codes))]},
        needed=("system", "code"),
    )
    return _shape(
        types["CodeableConcept"],
        level,
        {"coding": Annotated[list[coding], Meta(min_length=1)]},  # type: ignore[valid-type]
        needed=("coding",),
    )


def _shape(
    definition: TypeDefinition,
    level: int,
    given: dict[str, Any],
    *,
    needed: tuple[str, ...] = (),
) -> type[msgspec.Struct] | None:
    """A Struct with the elements of a type.

    Args:
        level: what may still recur below, see `_level`.
        given: by JSON name, what its annotation is instead; None leaves the name out.
        needed: of the given ones, those that must be there.
    """
    fields: list[Any] = [(key, given[key]) for key in needed]
    choices = []
    for element in definition.elements.values():
        typed = {}
        for of_type in element.types:
            key = element.name
            if element.choice:
                key += of_type[0].upper() + of_type[1:]
            if key in needed:
                continue
            annotation = (
                given[key] if key in given else _annotation(definition, element, of_type, level)
            )
            if annotation is not None:
                typed[key] = annotation
        required = element.min > 0 and element.name not in needed
        if required and not typed:
            return None
        if required and len(typed) == 1:
            fields += typed.items()
            continue
        fields += ((key, annotation | UnsetType, UNSET) for key, annotation in typed.items())
        if len(typed) > 1:
            choices.append((tuple(typed), required))
    return msgspec.defstruct(
        definition.name.replace(".", "_"),
        fields,
        namespace={"__post_init__": _choose(choices)} if choices else None,
        forbid_unknown_fields=True,
        kw_only=True,
        gc=False,
        eq=False,
    )


def _choose(choices: list[tuple[tuple[str, ...], bool]]) -> Callable[[Any], None]:
    """At most one of each group is there, or exactly one where it is required."""
    groups = [(attrgetter(*names), len(names) - 1, required) for names, required in choices]

    def choose(self: Any) -> None:
        for values, others, required in groups:
            unset = values(self).count(UNSET)
            if unset < others or (required and unset > others):
                raise ValueError

    return choose


def _annotation(
    definition: TypeDefinition, element: Element, of_type: str, level: int
) -> Any | None:
    """What the decoder expects of an element, or None to leave it to the validator."""
    kind = definitions().types[of_type].kind
    single = (
        _primitive(of_type, element.required_codes)
        if kind == "primitive"
        else _complex(definition, element, of_type, level)
    )
    if single is None or not element.many:
        return single
    return Annotated[list[single], Meta(min_length=1)]  # type: ignore[valid-type]


def _complex(
    definition: TypeDefinition, element: Element, of_type: str, level: int
) -> type[msgspec.Struct] | None:
    inner = _level(definition, of_type, level)
    if inner is None:
        return None
    if of_type == "Reference":
        return _reference(element.targets, inner)
    if of_type == "CodeableConcept" and element.required_codes in definitions().codes:
        return _bound_concept(element.required_codes, inner)
    return _struct(of_type, inner)


def _level(definition: TypeDefinition, of_type: str, level: int) -> int | None:
    """The level of an element's type, or None where recursion ends."""
    kind = definitions().types[of_type].kind
    if kind == "resource":
        return None
    if of_type == "Extension":
        if level == _BARE:
            return None
        return level - 1 if definition.name == "Extension" else 1
    if kind == "complex":
        if level == _BARE and definition.name == "Reference":
            return None
        return _BARE if level == _BARE or definition.name in ("Extension", "Reference") else _FULL
    if definition.name == of_type or definition.name.startswith(f"{of_type}."):
        return level - 1 if level > 1 else None
    return level


def _primitive(of_type: str, required_codes: str | None) -> Any:
    if of_type == "code" and required_codes in definitions().codes:
        return Literal[tuple(sorted({code for _, code in definitions().codes[required_codes]}))]
    return _PRIMITIVES[of_type]


_PRIMITIVES: dict[str, Any] = {
    "base64Binary": Annotated[bytes, Meta(min_length=1)],
    "boolean": bool,
    "decimal": float,
    "markdown": Annotated[str, Meta(min_length=1)],
    "string": Annotated[str, Meta(min_length=1)],
    "xhtml": Annotated[str, Meta(pattern=rf"\A(?is:(?!.*(?:{ACTIVE})))\s*<div")],
    **{t: Annotated[int, Meta(ge=low, le=high)] for t, (low, high) in INTEGERS.items()},
    **{t: _form(_NARROWER.get(t, pattern)) for t, pattern in PATTERNS.items()},
    "id": Annotated[str, Meta(pattern=PATTERNS["id"])],  # hardly one comes again
}
