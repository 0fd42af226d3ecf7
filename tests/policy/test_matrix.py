"""Every role × relation × consent × age × class of data: the decision against the oracle's table.

The expected answers come from tests/policy/oracle, which was written from the sources and knows
nothing of policy.yaml.
"""

from collections.abc import Iterator
from itertools import combinations, product

import pytest

from minkang.accounts import ROLES, Account
from minkang.policy import Ask, Relation, decide
from minkang.policy.consent_state import ConsentState
from minkang.store import Grade, Grant, Topic
from tests.policy.oracle.evaluator import (
    ORIGINS,
    SENSITIVE,
    TOPICS,
    Situation,
    Thing,
    table,
    visible,
)

RELATIONS = ("visit", "contract", "referral", "call", "code", "guardian", "glass", "case")
FIELDS = {"code": "code_presented"}
SOURCES = {"own": "MK1", "district": "MK2", "other": "MK9"}
KINDS = ("Patient", "Condition", "Observation", "DocumentReference", "MedicationRequest")
PATIENTS = frozenset({"a", "b"})
THINGS = tuple(Thing(*one) for one in product(ORIGINS, TOPICS, KINDS))
CONSENTS = (
    Situation("", frozenset()),
    Situation("", frozenset(), consent=True),
    Situation("", frozenset(), consent=True, confirmed=frozenset({"mental", "hiv-std"})),
    Situation("", frozenset(), consent=True, confirmed=frozenset({"genetic"}),
              withheld=frozenset({"genetic", "notifiable"})),
    Situation("", frozenset(), consent=True, kept_back=frozenset({"other"})),
)  # fmt: skip
MACHINES = ("system", "service")
LINES = table()


def situations(role: str) -> Iterator[Situation]:
    """Every situation of a role: no relation, each one, each two of them."""
    known = (*RELATIONS, "self") if role == "resident" else RELATIONS
    pairs = [
        held
        for n in range(3)
        for held in combinations(known, n)
        if not {"self", "guardian"} <= set(held)  # nobody is the own guardian
    ]
    for held, consent, age in product(pairs, CONSENTS, ("child", "adolescent", "adult")):
        yield Situation(
            role, frozenset(held), consent.consent, consent.confirmed, consent.withheld,
            consent.kept_back, age,
        )  # fmt: skip


def asked(situation: Situation, action: str) -> Ask:
    """The question to the policy in a situation."""
    own = situation.relations & {"self"}
    who = Account(
        "1", "x", "某人", situation.role,
        None if situation.role == "resident" else "MK1", "某院",
        "p1" if own else "p2" if situation.role == "resident" else None,
    )  # fmt: skip
    state = ConsentState(
        given=situation.consent,
        confirmed_topics=situation.confirmed,
        without_topics=situation.withheld,
        without_sources=frozenset(SOURCES[one] for one in situation.kept_back),
    )
    held = {FIELDS.get(one, one): True for one in situation.relations - {"self"}}
    relation = Relation(
        **held,
        consent=state,
        minor=situation.age != "adult",
        adolescent=situation.age == "adolescent",
    )
    return Ask(
        account=who, action=action, person="p1", patients=PATIENTS, named=True,  # type: ignore[arg-type]
        district=frozenset({"MK1", "MK2"}), relation=relation,
    )  # fmt: skip


def shown(grants: tuple[Grant, ...], thing: Thing) -> bool:
    """Whether some grants show a thing of the resident, read as their documentation says."""
    sensitive = thing.topic in SENSITIVE
    topic = frozenset() if thing.topic == "plain" else frozenset({Topic(thing.topic)})
    grade = Grade.SENSITIVE if sensitive else Grade.PERSONAL
    source = SOURCES[thing.origin]
    return any(
        not one.criteria  # these things have no code that a criterion could ask for
        and grade <= one.grade
        and (one.patients is None or bool(one.patients & PATIENTS))
        and (one.sources is None or source in one.sources)
        and (one.types is None or thing.type in one.types)
        and (one.topics is None or not sensitive or topic <= one.topics)
        and (one.only_topics is None or bool(topic & one.only_topics))
        and source not in one.without_sources
        and not topic & one.without_topics
        for one in grants
    )


@pytest.mark.parametrize("role", sorted(ROLES))
def test_the_decision_is_what_law_and_plans_say(role: str) -> None:
    wrong: list[str] = []
    seen = 0
    lines = tuple(line for line in LINES if role in line.roles)
    for situation in situations(role):
        record, api = (decide(asked(situation, one)) for one in ("open-record", "read-api"))
        if role in MACHINES:
            assert not record.allowed  # machines come to the FHIR base only
        else:
            assert record.scope == api.scope
        grants = api.scope.grants if api.allowed and not api.mask else ()
        for thing in THINGS:
            found = shown(grants, thing)
            seen += found
            if found != visible(lines, situation, thing):
                wrong.append(f"{situation} {thing}: {found}, {api.rules}")
    some = "\n".join(wrong[:: max(1, len(wrong) // 12)])
    assert not wrong, f"{len(wrong)} differ, such as\n{some}"
    assert bool(seen) == bool(lines)
