"""Whatever happened in between, the same links are left: a function of what is there."""

from collections.abc import Sequence
from contextlib import suppress
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.fhir import Resource
from minkang.identity import candidates
from minkang.identity.decision_rows import Verdict
from minkang.identity.decisions import DecisionRefused, decide, revoke
from minkang.identity.grouping import Decided, grouped
from minkang.identity.in_force import definition_in_force
from minkang.identity.kept import Kept, kept_rows
from minkang.identity.linkage.cluster import Edge
from minkang.identity.linkage.score import score
from minkang.store import Store
from tests.identity.deciding import NOW, steward
from tests.identity.linking import links, number, patient, put, replaced, take_away

PEOPLE = (
    ("沈青", "1961-02-03", "male"),
    ("沈清", "1961-02-03", "male"),
    ("沈青", "1961-03-02", "male"),
    ("韩月娥", "1984-11-30", "female"),
)
PHONES = ("", "13700000001", "13700000001", "13700000002")
IDS = tuple(f"x{n}" for n in range(7))


@st.composite
def registrations(draw: st.DrawFn) -> Resource:
    """One of few ids, of one of few people: with number, with another's, with none."""
    name, birth_date, sex = draw(st.sampled_from(PEOPLE))
    own = number(birth_date, sex)
    others = (number("1961-02-03", "male"), number(birth_date, sex, 2))
    card = draw(st.sampled_from((None, None, None, own, own, *others)))
    made = patient(
        draw(st.sampled_from(IDS)),
        name,
        birth_date,
        sex,
        id_number=card,
        phone=draw(st.sampled_from(PHONES)),
        town=draw(st.sampled_from(("", "371098001"))),
    )
    if draw(st.integers(0, 4)) == 0:
        return replaced(made, draw(st.sampled_from([one for one in IDS if one != made["id"]])))
    return made


PAIRS = st.sampled_from([(a, b) for a, b in combinations(IDS, 2)])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.lists(registrations(), min_size=1, max_size=3)),
        st.tuples(st.just("put"), st.lists(registrations(), min_size=1, max_size=3)),
        st.tuples(st.just("gone"), st.sampled_from(IDS)),
        st.tuples(st.sampled_from(("same", "different")), PAIRS),
        st.tuples(st.just("revoke"), st.integers(0, 5)),
    ),
    min_size=10,
    max_size=24,
)


@given(steps=STEPS, undo=st.randoms(use_true_random=False), most=st.sampled_from((2, 3, 200)))
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_undone_decisions_leave_the_links_of_never_having_decided(
    store: Store, keys: Keys, log: AuditLog, steps: Sequence[tuple[str, Any]], undo: Any, most: int
) -> None:
    await emptied(store)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(candidates, "MOST", most)
        standing: list[int] = []
        for kind, what in steps:
            await step(store, keys, log, kind, what, standing)
        assert await links(store) == await from_nothing(store, keys, decided=True)
        undo.shuffle(standing)
        for one in standing:
            await revoke(store, keys, one, "撤销", steward(), log=log, now=NOW)
        assert await links(store) == await from_nothing(store, keys, decided=False)


async def step(
    store: Store, keys: Keys, log: AuditLog, kind: str, what: Any, standing: list[int]
) -> None:
    if kind == "put":
        latest = {one["id"]: one for one in what}
        await put(store, keys, *latest.values())
    elif kind == "gone":
        if what in await links(store):
            await take_away(store, keys, what)
    elif kind == "revoke":
        if standing:
            number_ = standing.pop(what % len(standing))
            await revoke(store, keys, number_, "撤销", steward(), log=log, now=NOW)
    else:
        a, b = what
        verdict: Verdict = "same" if kind == "same" else "different"
        with suppress(DecisionRefused):
            made = await decide(store, keys, a, b, verdict, "r", steward(), log=log, now=NOW)
            standing.append(made.id)


async def emptied(store: Store) -> None:
    """Begin anew: no links, no Patients that are known."""
    for table in ("decision_pair", "decision", "edge", "blocking", "review", "feature", "emptied",
                  "link_history", "link"):  # fmt: skip
        await store.pool.execute(f"delete from identity.{table}")
    # Versions that an earlier example wrote are not to be linked again.
    await store.pool.execute("delete from store.resource")
    await store.pool.execute("delete from store.history")


async def from_nothing(store: Store, keys: Keys, *, decided: bool) -> dict[str, str]:
    """The links by the definition alone: every pair with a shared key, scored; nothing stored.

    Arrival, the one thing that no Patient says itself, is what the platform keeps of it.
    """
    async with store.pool.acquire() as connection:
        definition = await definition_in_force(connection)
        rows = await connection.fetch("select * from identity.feature")
        kept = {one.patient: one for one in await kept_rows(store, connection, rows)}
        by_patient = {row["patient"]: row["keys"] for row in rows}
        pairs = await connection.fetch(
            "select a, b, verdict, decision from identity.decision_pair where standing"
        )
    common = [key for keys_ in by_patient.values() for key in keys_]
    edges = []
    for a, b in combinations(sorted(kept), 2):
        shared = set(by_patient[a]) & set(by_patient[b])
        if not any(common.count(key) <= candidates.most(key) for key in shared):
            continue
        scored = score(definition, kept[a].features, kept[b].features)
        edges.append(Edge(a, b, scored.weight, scored.outcome, scored.rule))
    return by_components(keys, kept, edges, pairs if decided else [], definition.written.margin)


def by_components(
    keys: Keys, kept: dict[str, Kept], edges: list[Edge], decided: Sequence[Any], margin: float
) -> dict[str, str]:
    found = grouped(keys.id_key, kept, edges, [Decided(*row.values()) for row in decided], margin)
    return {patient_: group.person for group in found.groups for patient_ in group.rules}


@pytest.mark.parametrize("most", [2, 3])
async def test_a_key_counts_only_while_few_share_it(
    store: Store, keys: Keys, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    await emptied(store)
    monkeypatch.setattr(candidates, "MOST", most)
    everybody = [
        patient(f"y{n}", "程婴", "1939-02-03", "male", id_number=None, phone="13700000009")
        for n in range(most + 1)
    ]
    for one in everybody[:most]:
        await put(store, keys, one)
    assert len(set((await links(store)).values())) == 1
    await put(store, keys, everybody[most])
    assert len(set((await links(store)).values())) == most + 1
    assert await links(store) == await from_nothing(store, keys, decided=True)
    await take_away(store, keys, "y0")
    assert len(set((await links(store)).values())) == 1
    moved = patient("y1", "公孙杵臼", "1929-07-07", "male", id_number=None)
    await put(store, keys, everybody[0])
    assert len(set((await links(store)).values())) == most + 1
    await put(store, keys, moved)
    left = {one: person for one, person in (await links(store)).items() if one != "y1"}
    assert len(set(left.values())) == 1
