"""Which patients a resource is about (FHIR R4, CompartmentDefinition patient)."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from minkang.fhir.definitions import definitions
from minkang.fhir.json import Resource
from minkang.fhir.references import local_reference

_member = re.compile(
    r"[A-Z]\w+((?:\.[a-z]\w*)+?)(?:\.where\(resolve\(\) is Patient\))?", re.ASCII
).fullmatch


def patients_of(resource: Resource) -> frozenset[str]:
    """Ids of the Patients in whose compartments the resource lies; empty if it is about nobody.

    A Patient lies in its own compartment alone, not in those of the Patients that it links. A
    Person lies in the compartments of all Patients it links, so that whoever may follow one of
    them also learns that the link changed. Of the others, whatever refers to a Patient by one of
    R4's parameters for the compartment counts, e.g. an Observation's performer as well as its
    subject.
    """
    resource_type = resource.get("resourceType", "")
    if resource_type == "Patient":
        return frozenset([resource["id"]])
    found = []
    for first, rest in _paths(resource_type):
        held = resource.get(first)
        if held is None:
            continue
        values = held if isinstance(held, list) else (held,)
        for name in rest:
            values = _below(values, name)
        for value in values:
            target = local_reference(value)
            if target and target[0] == "Patient":
                found.append(target[1])
    return frozenset(found)


def _below(values: Sequence[Any], name: str) -> list[Any]:
    """What some objects hold in an element, whether it repeats or not."""
    below = []
    for value in values:
        held = value.get(name) if isinstance(value, dict) else None
        if isinstance(held, list):
            below += held
        elif held is not None:
            below.append(held)
    return below


@cache
def _paths(resource_type: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Paths to the references that count: the resource's element, and names below it.

    R4's expressions for them are plain paths; that they lead to a Patient is asked of the
    reference itself.
    """
    known = definitions()
    wanted = known.patient_compartment.get(resource_type, ())
    paths: dict[tuple[str, tuple[str, ...]], None] = {}
    for parameter in known.parameters.get(resource_type, ()):
        if parameter.code in wanted:
            for branch in parameter.expression.split(" | "):
                match = _member(branch)
                if match is None:
                    raise ValueError(f"{resource_type}: {branch!r} is not a plain path")
                first, *rest = match[1][1:].split(".")
                paths[first, tuple(rest)] = None
    return tuple(paths)
