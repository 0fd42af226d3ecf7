"""The decision: who × purpose × relation × class of data → a scope, or a refusal with its reason.

Pure: the table that is in force (`minkang.policy.table`) over the facts in the question. A row that
denies beats all that allow; what no row allows is refused.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import msgspec

from minkang.policy.ask import Ask, Decision, Mask, Purpose, Relation
from minkang.policy.table import NOBODY, Condition, Row, Table, shipped
from minkang.store import SENSITIVE_TOPICS, Grade, Grant, Scope

MOST_WRONG_CODES: Final = 5

_OF_RELATION: Final[dict[Condition, str]] = {
    "visit": "visit",
    "contract": "contract",
    "referral": "referral",
    "call": "call",
    "code-presented": "code_presented",
    "guardian": "guardian",
    "glass": "glass",
    "case": "case",
    "minor": "minor",
    "adolescent": "adolescent",
    "young": "young",
}
"""Conditions that are fields of `Relation`."""

_MISSING: Final[dict[str, tuple[int, str]]] = {
    "institution": (0, "no-institution"),
    "own-person": (0, "not-own-record"),
    "resident": (1, "no-resident"),
    "file-kept": (2, "file-elsewhere"),
    "code-fits": (3, "wrong-code"),
    "consent": (4, "no-consent"),
}
"""How far a row came that lacked this, and the reason of a refusal for it."""

_NO_RELATION: Final = (2, "no-relation")
_OTHER: Final = (-1, "not-for-role")
_IDENTITY: Final = frozenset({"Patient", "Person"})
_NOTHING: Final = Scope.nothing()
_CACHED: Final = 20_000


class _InForce:
    """The table that decides in this process."""

    def __init__(self) -> None:
        self._table: Table | None = None

    def get(self) -> Table:
        return self._table or shipped()

    def put(self, table: Table) -> None:
        self._table = table
        _decided.cache_clear()


def in_force() -> Table:
    """The table that decides in this process; at first that of the release."""
    return _in_force.get()


def put_in_force(table: Table) -> None:
    """Let a table decide from now on, in this process."""
    _in_force.put(table)


def decide(ask: Ask, table: Table | None = None) -> Decision:
    """Decide on a question, by the table in force or another one that is tried out."""
    return _decided(table or _in_force.get(), ask)


@lru_cache(maxsize=_CACHED)
def _decided(table: Table, ask: Ask) -> Decision:
    role = ask.account.role if ask.account is not None else NOBODY
    rows = table.rows_for(role, ask.action)
    if ask.purpose is not None:
        rows = tuple(row for row in rows if row.purpose == ask.purpose)
    true = conditions(ask)
    spoke = [row for row in rows if _missing(row, true) is None]
    denied = [row for row in spoke if row.effect == "deny"]
    allowed = [row for row in spoke if row.effect != "deny"]
    named = tuple(row.id for row in spoke)
    barred = next((row for row in denied if row.only_topics is None), None)
    if barred is not None:
        return _refused(table, barred.reason or "denied", barred.purpose, named)
    if all(row.along for row in allowed):
        purpose: Purpose = rows[0].purpose if rows else "none"
        return _refused(table, _reason_of_refusal(table, ask, role, rows, true), purpose, named)
    first = next(row for row in allowed if not row.along)
    held = next((one for one in first.relations if one in true), None)
    cut = frozenset(topic for row in denied for topic in row.only_topics or ())
    scope = Scope(tuple(one for row in allowed for one in _grants(row, ask, cut)))
    mask: Mask = next((row.mask for row in allowed if row.mask), "")
    reason = first.reason or held or first.id
    return Decision(True, reason, first.purpose, scope, mask, named, table.version)


_in_force: Final = _InForce()


def conditions(ask: Ask) -> frozenset[Condition]:
    """Which of the conditions that rows may ask for are true of a question.

    - `institution`: the account acts for an organisation; `own-person`: it belongs to a Person.
    - `named`: a resident was named, whether there is one or not; `resident`: there is, and is
      linked to at least one Patient; `self`: it is the account's own Person.
    - `consent`: the resident's consent to sharing stands; the others: see `Relation` and `Ask`.
    """
    account, relation = ask.account, ask.relation
    true: set[Condition] = {one for one, field in _OF_RELATION.items() if getattr(relation, field)}
    if account is not None and (account.institution or account.organisation):
        true.add("institution")
    if account is not None and account.person is not None:
        true.add("own-person")
        if ask.person == account.person:
            true.add("self")
    if ask.named or (ask.person is not None and "self" not in true):
        true.add("named")
    if ask.person is not None and ask.patients:
        true.add("resident")
    if relation.consent.given:
        true.add("consent")
    if ask.open_base:
        true.add("open-base")
    if ask.file_kept:
        true.add("file-kept")
    if ask.code_fits:
        true.add("code-fits")
    if ask.wrong_codes >= MOST_WRONG_CODES:
        true.add("many-wrong-codes")
    return frozenset(true)


def _missing(row: Row, true: frozenset[Condition]) -> tuple[int, str] | None:
    """How far a row came and what it lacks; None if it holds."""
    found = [_MISSING.get(need, _OTHER) for need in row.needs if need not in true]
    if row.relations and not any(one in true for one in row.relations):
        own = row.relations == ("self",)
        found.append((2, "not-own-record") if own else _NO_RELATION)
    if any(one in true for one in row.unless):
        found.append((-1, "not-for-role"))
    return min(found) if found else None


def _reason_of_refusal(
    table: Table, ask: Ask, role: str, rows: Sequence[Row], true: frozenset[Condition]
) -> str:
    if ask.account is None:
        return "no-log-in"
    if role not in table.roles:
        return "unknown-role"
    furthest: tuple[int, str] = (-1, "not-for-role")
    for row in rows:
        missing = _missing(row, true)
        if row.effect == "deny" or missing is None or missing[0] < 0:
            continue
        if missing[0] > furthest[0]:
            furthest = (missing[0], row.otherwise or missing[1])
    return furthest[1]


def _grants(row: Row, ask: Ask, cut: frozenset[str]) -> Iterable[Grant]:
    """What a row that holds opens."""
    level = row.level
    if level is None:
        return
    topics = _topics(row, ask.relation)
    if row.topics == "confirmed" and not topics:
        return
    grant = Grant(
        grade=level,
        patients=ask.patients if "resident" in row.needs else None,
        sources=_sources(row, ask),
        types=None if row.types is None else frozenset(row.types),
        topics=topics,
        only_topics=None if row.only_topics is None else frozenset(row.only_topics),
        without_topics=cut,
        criteria=row.criteria,
    )
    if not row.by_consent:
        yield grant
        return
    consent = ask.relation.consent
    grant = msgspec.structs.replace(
        grant,
        without_sources=consent.without_sources,
        without_topics=cut | consent.without_topics,
    )
    yield msgspec.structs.replace(grant, since=consent.since, until=consent.until)
    if (consent.since or consent.until) and (row.types is None or _IDENTITY & set(row.types)):
        # Who somebody is has no clinical date.
        yield msgspec.structs.replace(grant, types=_IDENTITY)


def _sources(row: Row, ask: Ask) -> frozenset[str] | None:
    if row.sources == "any" or ask.account is None:
        return None
    mine = {one for one in (ask.account.institution, ask.account.organisation) if one}
    return frozenset(mine | ask.district) if row.sources == "district" else frozenset(mine)


def _topics(row: Row, relation: Relation) -> frozenset[str] | None:
    """The sensitive topics that a row opens; None: all."""
    if row.topics == "all" or row.level is not Grade.SENSITIVE:
        return None
    if row.topics == "none":
        return frozenset()
    if row.topics == "confirmed":
        return relation.consent.confirmed_topics & SENSITIVE_TOPICS
    return frozenset(row.topics)


def _refused(table: Table, reason: str, purpose: Purpose, rules: tuple[str, ...]) -> Decision:
    return Decision(False, reason, purpose, _NOTHING, "", rules, table.version)
