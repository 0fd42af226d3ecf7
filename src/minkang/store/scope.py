"""What a reader may see, compiled into the query itself.

Every read, search, history and feed takes a `Scope`; none has a default. `policy` makes them.
"""

from typing import Any

import msgspec

from minkang.crypto import hash64
from minkang.fhir import TYPE_CODES
from minkang.store.grade import Grade


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """Resources that fulfil all of the conditions given; None means any.

    Attributes:
        grade: the highest grade included.
        patients: ids of Patients; the resource lies in the compartment of one of them.
        sources: ids of the organisations that the resource came from.
        types: resource types.
    """

    grade: Grade
    patients: frozenset[str] | None = None
    sources: frozenset[str] | None = None
    types: frozenset[str] | None = None


class Scope(msgspec.Struct, frozen=True):
    """The union of some grants; without any, nothing is visible."""

    grants: tuple[Grant, ...]

    @classmethod
    def whole(cls) -> "Scope":
        """Everything: for the platform's own components, never for an answer to a person."""
        return cls((Grant(grade=Grade.SENSITIVE),))

    @classmethod
    def nothing(cls) -> "Scope":
        """No resource at all."""
        return cls(())


def compartment(patient: str) -> int:
    """The number that stands for a Patient's compartment in the columns `patients`/`patient`."""
    return hash64(f"Patient/{patient}")


def compile_scope(scope: Scope, alias: str, parameters: list[Any]) -> str:
    """The scope as an SQL condition on the row `alias`; its values are added to `parameters`."""
    if not scope.grants:
        return "false"
    return "(" + " or ".join(_grant(grant, alias, parameters) for grant in scope.grants) + ")"


def _grant(grant: Grant, alias: str, parameters: list[Any]) -> str:
    conditions = [f"{alias}.grade <= {int(grant.grade)}"]
    if grant.patients is not None:
        parameters.append([compartment(patient) for patient in grant.patients])
        conditions.append(f"{alias}.patients && ${len(parameters)}::bigint[]")
    if grant.sources is not None:
        parameters.append(list(grant.sources))
        conditions.append(f"{alias}.source = any(${len(parameters)}::text[])")
    if grant.types is not None:
        parameters.append([TYPE_CODES[name] for name in grant.types])
        conditions.append(f"{alias}.type = any(${len(parameters)}::smallint[])")
    return "(" + " and ".join(conditions) + ")"
