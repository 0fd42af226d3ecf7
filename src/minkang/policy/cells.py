"""What a table says, cell by cell: role × action × relation × consent × class of data.

For people who compare two tables: the decision itself asks `decide`, and so do these cells.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import Final, Literal

import msgspec

from minkang.accounts import ROLES, Account
from minkang.policy.ask import Action, Ask, Relation
from minkang.policy.consent_state import ConsentState
from minkang.policy.decide import decide
from minkang.policy.table import Table
from minkang.store import SENSITIVE_TOPICS, Grade, Grant, Topic

Outcome = Literal["allow", "mask", "deny"]

RELATIONS: Final = (
    "none", "visit", "contract", "referral", "call", "code_presented", "guardian", "glass", "case",
    "self",
)  # fmt: skip
CONSENTS: Final = ("none", "given", "confirmed")
ORIGINS: Final = ("own", "district", "other")
CLASSES: Final = ("personal", *sorted(Topic))
DATA_ACTIONS: Final[tuple[Action, ...]] = ("open-record", "read-api", "export-api")

_OWN, _NEAR, _FAR = "own", "near", "far"
_SOURCES: Final = {"own": _OWN, "district": _NEAR, "other": _FAR}
_PERSON: Final = "resident"
_PATIENTS: Final = frozenset({"patient"})
_TYPE: Final = "Observation"


class Cell(msgspec.Struct, frozen=True, order=True):
    """One combination; of an action that opens no data only role, action and relation count."""

    role: str
    action: str
    relation: str
    consent: str = ""
    origin: str = ""
    data: str = ""


class Changed(msgspec.Struct, frozen=True):
    """A cell that two tables answer differently."""

    cell: Cell
    before: Outcome
    after: Outcome


def cells(actions: Sequence[str]) -> Iterator[Cell]:
    """All cells of some actions, in order."""
    for role, action, relation in product(sorted(ROLES), actions, RELATIONS):
        if action in DATA_ACTIONS:
            for consent, origin, data in product(CONSENTS, ORIGINS, CLASSES):
                yield Cell(role, action, relation, consent, origin, data)
        else:
            yield Cell(role, action, relation)


def outcome(table: Table, cell: Cell) -> Outcome:
    """What a table answers in a cell: of an Observation of one named resident."""
    decision = decide(_ask(cell.role, cell.action, cell.relation, cell.consent), table)
    if not decision.allowed:
        return "deny"
    if cell.data and not any(_shows(one, cell) for one in decision.scope.grants):
        return "deny"
    return "mask" if decision.mask else "allow"


def changes(before: Table, after: Table) -> list[Changed]:
    """Every cell that the two tables answer differently.

    Only actions whose rows differ are looked at.
    """
    old, new = set(before.rows), set(after.rows)
    actions = sorted({action for row in old ^ new for action in row.actions})
    found = ((cell, outcome(before, cell), outcome(after, cell)) for cell in cells(actions))
    return [Changed(cell, was, will) for cell, was, will in found if was != will]


@lru_cache(maxsize=4_096)
def _ask(role: str, action: Action, relation: str, consent: str) -> Ask:
    resident = role == "resident"
    person = (_PERSON if relation == "self" else "another") if resident else None
    organisation = None if resident else _OWN
    who = Account("cell", "cell", "", role, organisation, None, person)
    held = {relation: True} if relation not in ("none", "self") else {}
    state = ConsentState(
        given=consent not in ("", "none"),
        confirmed_topics=frozenset(SENSITIVE_TOPICS) if consent == "confirmed" else frozenset(),
    )
    return Ask(
        account=who,
        action=action,
        person=_PERSON,
        patients=_PATIENTS,
        named=True,
        district=frozenset({_OWN, _NEAR}),
        relation=Relation(**held, consent=state),
        code_fits=relation == "code_presented",
    )


def _shows(grant: Grant, cell: Cell) -> bool:
    topic = frozenset[str]() if cell.data == "personal" else frozenset({cell.data})
    sensitive = bool(topic & SENSITIVE_TOPICS)
    source = _SOURCES[cell.origin]
    return (
        not grant.criteria
        and (Grade.SENSITIVE if sensitive else Grade.PERSONAL) <= grant.grade
        and (grant.patients is None or bool(grant.patients & _PATIENTS))
        and (grant.sources is None or source in grant.sources)
        and (grant.types is None or _TYPE in grant.types)
        and (grant.topics is None or not sensitive or topic <= grant.topics)
        and (grant.only_topics is None or bool(topic & grant.only_topics))
        and source not in grant.without_sources
        and not topic & grant.without_topics
    )
