"""Type specifiers: `Quantity`, `FHIR.Patient`, `System.Boolean`."""

from collections.abc import Callable
from typing import Any, TypeAlias

from minkang.fhir.path.error import PathError
from minkang.fhir.path.model import is_subtype, is_type
from minkang.fhir.path.values import SYSTEM_TYPES, Node, type_of

TypeTester: TypeAlias = Callable[[Any], bool]


def tester(parts: tuple[str, ...], position: int) -> TypeTester:
    """Whether an item is of a type, or of one that specialises it.

    A name without namespace means R4's type for a node and the system type for a system value.

    Raises:
        PathError: there is no such type.
    """
    namespace, name = ("", parts[0]) if len(parts) == 1 else (parts[0], parts[-1])
    if len(parts) > 2 or namespace not in ("", "FHIR", "System"):
        raise PathError("execution", f"{'.'.join(parts)!r} is not a type", position)
    in_fhir = namespace != "System" and is_type(name)
    in_system = namespace != "FHIR" and name in SYSTEM_TYPES
    # `System.Patient` names nothing, which is no error: no item is of that type.
    if not in_fhir and not in_system and namespace != "System":
        raise PathError("execution", f"there is no type {'.'.join(parts)!r}", position)

    def tested(item: Any) -> bool:
        if type(item) is Node:
            return in_fhir and is_subtype(item.type, name)
        return in_system and (name == "Any" or type_of(item).name == name)

    return tested
