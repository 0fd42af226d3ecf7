"""What a reader may see, compiled into the query itself.

Every read, search, history and feed takes a `Scope`; none has a default. `policy` makes them.
"""

from datetime import datetime
from typing import Any

import msgspec

from minkang.crypto import hash64
from minkang.fhir import TYPE_CODES
from minkang.fhir.search import Clause
from minkang.store.conditions import Test
from minkang.store.grade import GRADE_BITS, Grade, topic_bits
from minkang.store.row_conditions import row_conditions
from minkang.store.sql import Sql
from minkang.store.topics import SENSITIVE_TOPICS, Topic


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """Resources that fulfil all of the conditions given; None means any.

    Attributes:
        grade: the highest grade included.
        patients: ids of Patients; the resource lies in the compartment of one of them.
        sources: ids of the organisations that the resource came from.
        types: resource types.
        topics: the sensitive topics included; a resource that has another one is not.
        only_topics: the resource has at least one of these.
        without_sources: ids of organisations that the resource did not come from.
        without_topics: the resource has none of these.
        since, until: its clinical date lies at or after, and before, these times.
        criteria: search parameters that it fulfils; only with `types` that all have them.
        tests: the criteria compiled, by `criteria.prepared`; until then the grant shows nothing.
    """

    grade: Grade
    patients: frozenset[str] | None = None
    sources: frozenset[str] | None = None
    types: frozenset[str] | None = None
    topics: frozenset[str] | None = None
    only_topics: frozenset[str] | None = None
    without_sources: frozenset[str] = frozenset()
    without_topics: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    criteria: tuple[Clause, ...] = ()
    tests: tuple[Test, ...] = ()


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


def compile_scope(scope: Scope, alias: str, parameters: list[Any], *, current: bool = True) -> str:
    """The scope as an SQL condition on the row `alias`; its values are added to `parameters`.

    The row has the columns `grade`, `patients`, `source`, `type` and `dated`; a `current` one is
    of store.resource. Of others the criteria are asked of the current version of the same
    resource, and `criteria.shown` sees to the versions themselves.
    """
    if not scope.grants:
        return "false"
    grants = (_grant(grant, alias, parameters, current=current) for grant in scope.grants)
    return "(" + " or ".join(grants) + ")"


def _grant(grant: Grant, alias: str, parameters: list[Any], *, current: bool) -> str:
    def given(value: Any, kind: str) -> str:
        parameters.append(value)
        return f"${len(parameters)}::{kind}"

    conditions = [f"({alias}.grade & {GRADE_BITS}) <= {int(grant.grade)}"]
    conditions += _topics(grant, alias)
    if grant.patients is not None:
        about = given([compartment(patient) for patient in grant.patients], "bigint[]")
        conditions.append(f"{alias}.patients && {about}")
    if grant.sources is not None:
        conditions.append(f"{alias}.source = any({given(list(grant.sources), 'text[]')})")
    if grant.without_sources:
        left_out = given(list(grant.without_sources), "text[]")
        conditions.append(f"{alias}.source <> all({left_out})")
    if grant.types is not None:
        codes = [TYPE_CODES[name] for name in grant.types]
        conditions.append(f"{alias}.type = any({given(codes, 'smallint[]')})")
    if grant.since is not None:
        conditions.append(f"{alias}.dated >= {given(grant.since, 'timestamptz')}")
    if grant.until is not None:
        conditions.append(f"{alias}.dated < {given(grant.until, 'timestamptz')}")
    if grant.criteria:
        conditions.append(_criteria(grant, alias, parameters, current=current))
    return "(" + " and ".join(conditions) + ")"


def _criteria(grant: Grant, alias: str, parameters: list[Any], *, current: bool) -> str:
    """The criteria of a grant; those that are not compiled, or not by an index alone, hide all."""
    whole = len(grant.tests) == len(grant.criteria)
    if not whole or any(one.nothing or one.late or one.batch for one in grant.tests):
        return "false"
    sql = Sql()
    sql.parameters = parameters
    row = alias if current else f"{alias}_now"
    found = " and ".join(text for one in grant.tests for text in row_conditions(one, sql, row))
    if current:
        return found
    return f"""exists (select from store.resource {row} where {row}.type = {alias}.type
        and {row}.id = {alias}.id and not {row}.deleted and {found})"""


def _topics(grant: Grant, alias: str) -> list[str]:
    """What a grant says about topics; the numbers are ours, none is a caller's."""
    conditions = []
    left_out = set(grant.without_topics)
    if grant.topics is not None:
        left_out |= SENSITIVE_TOPICS - grant.topics
    if left_out and not (grant.grade < Grade.SENSITIVE and left_out <= SENSITIVE_TOPICS):
        conditions.append(f"({alias}.grade & {topic_bits(left_out)}) = 0")
        if Topic.RESTRICTED in left_out:
            conditions.append(f"not ({_unnamed(alias)})")
    if grant.only_topics is not None:
        wanted = f"({alias}.grade & {topic_bits(grant.only_topics)}) <> 0"
        if Topic.RESTRICTED in grant.only_topics:
            wanted += f" or {_unnamed(alias)}"
        conditions.append(f"({wanted})")
    return conditions


def _unnamed(alias: str) -> str:
    """Rows that are sensitive without saying why: those of older releases."""
    sensitive = topic_bits(SENSITIVE_TOPICS)
    return f"({alias}.grade & {GRADE_BITS | sensitive}) = {int(Grade.SENSITIVE)}"
