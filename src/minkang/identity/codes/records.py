"""Codes as they are kept: what there is of a person, and every state it ever had."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from minkang.store import Connection, Pool

State = Literal["issued", "frozen", "lost", "revoked", "replaced"]

LIVE: Final = ("issued", "frozen", "lost")
"""The states in which a code is somebody's, whether it counts now or not."""

_HISTORY: Final = 50

_OF_PERSON: Final = """
    select c.* from identity.code c join identity.link l on l.patient = c.patient
    where l.person = $1
    union
    select c.* from identity.code c
    where c.person = $1
        and not exists (select from identity.link l where l.patient = c.patient)
    order by id desc"""


class CodeRefused(Exception):  # noqa: N818 - reads as what happened
    """It can't be done with a code or card like this.

    Attributes:
        code: `no-consent`, `already` (there is a code; issue it anew), `none` (there is none),
            `state` (not from the state it is in), `desk-only`, `of-age` (a child of fourteen
            decides itself), `no-patient`, `no-match` (what was typed fits nobody), `number` (no
            number of a card), `kind`, `bound` (it is bound to this person), `claimed` (it is bound
            to somebody else; both bindings wait for a decision), `unknown`, `second-look` (whoever
            claimed it can't decide), `decided`, `document`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """One code.

    Attributes:
        person: to whom it was issued; `patient`: whose link it follows, see the schema.
        kind: 1 temporary, 2 formal.
        consent: number of the consent that it was issued with.
        replaces: the code in whose place it was issued.
    """

    id: int
    person: str
    patient: str
    kind: int
    state: State
    issued: datetime
    changed: datetime
    consent: int
    replaces: int | None


class CodeChange(msgspec.Struct, frozen=True, kw_only=True):
    """A state that a code was put in, and by whom."""

    code: int
    number: int
    state: State
    at: datetime
    account: str | None
    account_name: str
    role: str
    institution: str | None
    reason: str


async def codes_of(source: "Pool | Connection", person: str) -> list[Code]:
    """All codes that belong to a person now, the newest first."""
    return [code_of(row) for row in await source.fetch(_OF_PERSON, person)]


async def current_code(source: "Pool | Connection", person: str) -> Code | None:
    """The newest code of a person that is neither revoked nor replaced."""
    codes = await codes_of(source, person)
    return next((one for one in codes if one.state in LIVE), None)


async def stopped(source: "Pool | Connection", person: str) -> State | None:
    """Why nothing counts that stands for a person's code; None if it does.

    The number that is read out and the printed card stand for the code as long as one is issued,
    and where none ever was (the number is older than the code).
    """
    codes = await codes_of(source, person)
    if not codes or any(one.state == "issued" for one in codes):
        return None
    return next((one.state for one in codes if one.state in LIVE), codes[0].state)


async def changes_of(source: "Pool | Connection", codes: Sequence[Code]) -> list[CodeChange]:
    """What was done with some codes, the last first."""
    rows = await source.fetch(
        """select * from identity.code_change where code = any($1::bigint[])
           order by at desc, code desc, number desc limit $2""",
        [one.id for one in codes],
        _HISTORY,
    )
    return [CodeChange(**row) for row in rows]


async def anchor(connection: Connection, person: str, patients: frozenset[str]) -> str | None:
    """The Patient whose link a code or card of a person follows from now on.

    One whose ID number was checked, else the one that was linked first: if the person is ever
    taken apart, the code stays with whom it was issued to.
    """
    found: str | None = await connection.fetchval(
        """select patient from identity.link where person = $1
           order by rule <> 'id-number', since, patient limit 1""",
        person,
    )
    return found or min(patients, default=None)


def code_of(row: Any) -> Code:
    """A row of identity.code."""
    return Code(**{name: row[name] for name in Code.__struct_fields__})
