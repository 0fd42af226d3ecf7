"""Which tokens lie among the marks of the row itself and not in rows of their own.

Those that tell little (`Observation.status`, `Patient.gender`, `category`: a few values that large
parts of a type share) and those that tell all: numbers given once in the world, of which one
resource has hundreds (docs/decisions/0016-bytes-on-disk.md).
"""

from functools import cache

from minkang.fhir.definitions import definitions
from minkang.fhir.search import Parameter
from minkang.fhir.search_elements import Leaf, leaves
from minkang.fhir.search_parameters import parameters_of
from minkang.fhir.search_paths import branches

_FEW_CODES = 32
_CATEGORIES = frozenset({"category", "class", "priority"})
"""Coarse by what they mean, though R4 binds no value set to them that must be used."""

_UNIQUE = {"ImagingStudy": frozenset({"instance", "series"})}


@cache
def marked_of(resource_type: str) -> frozenset[str]:
    """The codes of all token parameters of a type that lie among the marks."""
    return coarse_of(resource_type) | unique_of(resource_type)


def unique_of(resource_type: str) -> frozenset[str]:
    """The codes of the token parameters of a type whose values hardly two resources share."""
    return _UNIQUE.get(resource_type, frozenset())


@cache
def coarse_of(resource_type: str) -> frozenset[str]:
    """The codes of the coarse token parameters of a type, as they stand in `Stored.code`.

    Those that are true or false, or have one of at most 32 codes by a required binding wherever
    their path leads; and `category`, `class` and `priority`.
    """
    return frozenset(
        code
        for code, parameter in parameters_of(resource_type).items()
        if parameter.kind == "token" and _is_coarse(resource_type, parameter)
    )


def _is_coarse(resource_type: str, parameter: Parameter) -> bool:
    if parameter.code.startswith("_"):
        return False
    if parameter.code in _CATEGORIES:
        return True
    ways = [
        leaf for branch in branches(parameter.expression) for leaf in leaves(resource_type, branch)
    ]
    return bool(ways) and all(map(_has_few_values, ways))


def _has_few_values(way: Leaf) -> bool:
    if way.type == "boolean":
        return True
    value_set = way.element.required_codes if way.element is not None else None
    codes = definitions().codes.get(value_set, frozenset()) if value_set is not None else ()
    return 0 < len(codes) <= _FEW_CODES
