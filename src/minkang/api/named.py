"""Whom an answer named stands in the audit log before it goes out: each of them can find it.

A question about one resident names that one already. The others (a system's, and people's that
name nobody) are followed by an entry with the residents that came out.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from minkang.api.call import Call
from minkang.api.journal import Due
from minkang.policy import Decision
from minkang.store import Grade, Stored

_REFERENCE: Final = b"Patient/"
_ID: Final = re.compile(rb"[A-Za-z0-9.-]{1,64}")


async def note_named(call: Call, decision: Decision, rows: Iterable[Stored]) -> None:
    """Have the residents that some rows name written down; `call.due` is waited for.

    Pseudonymised rows name nobody, and at an open base nobody asks.
    """
    if call.door.open or decision.mask == "pseudonym" or not _reaches_many(decision):
        return
    patients: set[str] = set()
    for one in rows:
        if one.type == "Patient":
            patients.add(one.id)
        patients.update(named_in(one.body))
    persons = await call.door.persons.of(call.door.store, patients)
    if persons:
        if call.own is None:
            call.due.append(Due(decision, None, set(persons)))
        else:
            call.own.persons.update(persons)


def named_in(body: bytes) -> Iterator[str]:
    """The ids behind every `Patient/` that a text or a path begins with.

    By plain search, since a pattern that must also see what stands before takes ten times as long,
    for each row of each answer. What is no Patient after all has no Person.
    """
    found = body.find(_REFERENCE)
    while found >= 0:
        begin = found + len(_REFERENCE)
        if found and body[found - 1] in b'"/' and (name := _ID.match(body, begin)):
            yield name[0].decode()
        found = body.find(_REFERENCE, begin)


def _reaches_many(decision: Decision) -> bool:
    """Whether the scope reaches residents' data of more than the one asked about."""
    return any(one.patients is None and one.grade > Grade.LIMITED for one in decision.scope.grants)
