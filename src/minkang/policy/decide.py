"""The decision: who × purpose × relation × class of data → a scope, or a refusal with its reason.

Pure. The rules are those of the first roles; docs/decisions/0006-access.md gives their sources.
"""

from typing import Literal

import msgspec

from minkang.accounts import ROLES, Account
from minkang.store import Grade, Grant, Scope

Action = Literal[
    "find-residents",
    "present-code",
    "open-record",
    "see-who-looked",
    "watch-messages",
    "read-message",
    "replay-messages",
    "manage-sources",
    "acknowledge-alarms",
    "manage-targets",
    "read-terminology",
    "map-codes",
    "send-demo-message",
    "read-api",
    "write-api",
]
Purpose = Literal["treatment", "own-record", "operations", "none"]


class Relation(msgspec.Struct, frozen=True):
    """What connects a clinician with a resident now.

    Attributes:
        visit: there is a visit at the clinician's institution within the time the region set.
        code_presented: the resident has shown the code to this clinician within that time.
    """

    visit: bool = False
    code_presented: bool = False


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A question to the policy.

    Attributes:
        account: who asks; None if nobody is logged in.
        person, patients: the resident it is about and the linked Patients, if about one.
        relation: as found for account and resident.
        code_fits: of `present-code`: what was typed is this resident's code.
        wrong_codes: how often the account typed a wrong one in the last quarter of an hour.
        open_base: it came in at the FHIR base of a server started with `--open`, which only
            listens to its own machine: there nobody is logged in.
    """

    account: Account | None
    action: Action
    person: str | None = None
    patients: frozenset[str] = frozenset()
    relation: Relation = Relation()
    code_fits: bool = False
    wrong_codes: int = 0
    open_base: bool = False


class Decision(msgspec.Struct, frozen=True):
    """The answer. `reason` is the rule that allowed or refused; `scope` what may be read."""

    allowed: bool
    reason: str
    purpose: Purpose
    scope: Scope


_MAX_WRONG_CODES = 5
_RESIDENT_LIST = frozenset({"Patient", "Person"})
_CENTRE_ACTIONS = frozenset(
    {
        "watch-messages",
        "read-message",
        "replay-messages",
        "manage-sources",
        "acknowledge-alarms",
        "manage-targets",
    }
)
_TERMINOLOGY_ACTIONS = frozenset({"read-terminology", "map-codes"})
_TERMINOLOGY = frozenset({"CodeSystem", "ConceptMap", "ValueSet"})
_API_ACTIONS = frozenset({"read-api", "write-api"})
_PEOPLE = frozenset(ROLES) - {"system"}


def decide(ask: Ask) -> Decision:
    """Decide on a question; what no rule allows is refused.

    - *Doctor*: may look for residents (name, sex, age; the page masks what identifies); opens a
      record with a visit at the own institution or a presented code. Sensitive classes only from
      the own institution.
    - *Resident*: the own record, all of it, and who looked at it.
    - *Information centre*: messages and their processing, sources and alarms, what codes mean,
      no record.
    - *System* (a connected one, by its token): at the FHIR base what its own organisation sent, and
      the directory types of everybody; writes what is its own.
    """
    if ask.open_base and ask.action in _API_ACTIONS:
        return Decision(True, "open", "operations", Scope.whole())
    if ask.account is None:
        return _refuse("no-log-in", "none")
    if ask.action == "send-demo-message" and ask.account.role in _PEOPLE:
        return Decision(True, "demonstration", "operations", Scope.nothing())
    if ask.account.role == "doctor":
        return _doctor(ask, ask.account)
    if ask.account.role == "resident":
        return _resident(ask, ask.account)
    if ask.account.role == "system":
        return _system(ask, ask.account)
    if ask.account.role == "information-centre":
        if ask.action in _TERMINOLOGY_ACTIONS:
            scope = Scope((Grant(grade=Grade.BROAD, types=_TERMINOLOGY),))
            return Decision(True, "information-centre", "operations", scope)
        if ask.action in _CENTRE_ACTIONS:
            return Decision(True, "information-centre", "operations", Scope.nothing())
        return _refuse("not-for-role", "operations")
    return _refuse("unknown-role", "none")


def _doctor(ask: Ask, account: Account) -> Decision:
    if account.organisation is None:
        return _refuse("no-institution", "treatment")
    if ask.action == "find-residents":
        scope = Scope((Grant(grade=Grade.PERSONAL, types=_RESIDENT_LIST),))
        return Decision(True, "doctor-finds", "treatment", scope)
    if ask.action == "present-code":
        if ask.wrong_codes >= _MAX_WRONG_CODES:
            return _refuse("too-many-codes", "treatment")
        if not ask.code_fits:
            return _refuse("wrong-code", "treatment")
        return Decision(True, "code-presented", "treatment", Scope.nothing())
    if ask.action not in ("open-record", "read-api"):
        return _refuse("not-for-role", "treatment")
    if ask.person is None or not ask.patients:
        return _refuse("no-resident", "treatment")
    if not (ask.relation.visit or ask.relation.code_presented):
        return _refuse("no-relation", "treatment")
    own = frozenset([account.organisation])
    scope = Scope(
        (
            Grant(grade=Grade.PERSONAL, patients=ask.patients),
            Grant(grade=Grade.SENSITIVE, patients=ask.patients, sources=own),
        )
    )
    reason = "visit" if ask.relation.visit else "code-presented"
    return Decision(True, reason, "treatment", scope)


def _resident(ask: Ask, account: Account) -> Decision:
    if ask.action not in ("open-record", "see-who-looked", "read-api"):
        return _refuse("not-for-role", "own-record")
    if account.person is None or ask.person != account.person:
        return _refuse("not-own-record", "own-record")
    scope = Scope((Grant(grade=Grade.SENSITIVE, patients=ask.patients),))
    return Decision(True, "own-record", "own-record", scope)


def _system(ask: Ask, account: Account) -> Decision:
    if account.organisation is None:
        return _refuse("no-institution", "operations")
    if ask.action not in _API_ACTIONS:
        return _refuse("not-for-role", "operations")
    scope = Scope(
        (
            Grant(grade=Grade.SENSITIVE, sources=frozenset([account.organisation])),
            Grant(grade=Grade.BROAD),
        )
    )
    return Decision(True, "own-organisation", "operations", scope)


def _refuse(reason: str, purpose: Purpose) -> Decision:
    return Decision(False, reason, purpose, Scope.nothing())
