"""What a decision does to the links: all of what it says, or nothing."""

from collections.abc import Collection

from minkang.crypto import Keys
from minkang.identity.decision_rows import Decision, Verdict, Wanted, decision_of, set_standing
from minkang.identity.grouping import Pair, pair_of
from minkang.identity.in_force import definition_in_force
from minkang.identity.kept import rows_of
from minkang.identity.link_rows import Cause
from minkang.identity.linker import Linked, relinked
from minkang.identity.named import Side, side_of
from minkang.identity.person_resources import write_persons
from minkang.identity.region import edges_of, persons_of
from minkang.identity.sensitive import sensitive_among
from minkang.store import Connection, Store


class DecisionRefused(Exception):  # noqa: N818 - reads as what happened
    """It can't be decided like this; nothing was changed.

    Attributes:
        code: `reason` (there is none, or it is too long), `unknown` (no such Patient, Person or
            decision), `one-side` (both are the same Patient, or nothing is left on one side),
            `contradicts` (another decision says otherwise: revoke it first), `own` (the second
            person must be another, and neither of those whom it is about), `state` (it does not
            wait for this).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SecondNeeded(Exception):  # noqa: N818 - reads as what happened
    """What is sensitive would be joined."""


async def sides_of(connection: Connection, a: str, b: str) -> tuple[Side, Side]:
    """Who is meant by two ids.

    Raises:
        DecisionRefused: `unknown`.
    """
    sides = [await side_of(connection, one) for one in (a, b)]
    if any(not side.patients for side in sides):
        raise DecisionRefused("unknown")
    return sides[0], sides[1]


async def wanted_of(
    connection: Connection, sides: tuple[Side, Side], verdict: Verdict, reason: str
) -> Wanted:
    """The pairs that a verdict on two sides is about."""
    left, right = (frozenset(side.patients) for side in sides)
    if left & right:
        # A Patient and its own Person: the Patient and the others.
        smaller = min((left, right), key=len)
        left, right = smaller, (left | right) - smaller
    pairs = sorted({pair_of(one, other) for one in left for other in right})
    if not pairs:
        raise DecisionRefused("one-side")
    weights, definition = await _weights(connection, pairs)
    best = max(pairs, key=lambda pair: (weights.get(pair, float("-inf")), pair))
    return Wanted(
        verdict=verdict,
        reason=reason,
        pairs=(best,) if verdict == "same" else tuple(pairs),
        weight=weights.get(best),
        definition=definition,
    )


async def _weights(
    connection: Connection, pairs: Collection[Pair]
) -> tuple[dict[Pair, float], str]:
    """What the pairs that were compared weigh, and by which definition."""
    rows = await rows_of(connection, named_in(pairs))
    names = {row.node: row.patient for row in rows.values()}
    wanted = set(pairs)
    found = {}
    for edge in await edges_of(connection, names):
        if edge.a in names and edge.b in names:
            pair = pair_of(names[edge.a], names[edge.b])
            if pair in wanted:
                found[pair] = edge.weight
    version = await connection.fetchval(
        "select definition from identity.edge where a = any($1::bigint[]) limit 1", list(names)
    )
    return found, version or ""


async def apply(
    store: Store,
    connection: Connection,
    keys: Keys,
    number: int,
    *,
    second: bool,
    standing: bool = True,
) -> tuple[dict[str, tuple[str, str]], Linked]:
    """Let a decision have its effect, or none any more: all of it, or nothing.

    Raises:
        SecondNeeded: it joins what is sensitive, and there is no second person.
        DecisionRefused: `contradicts`: others hold it back.
    """
    async with connection.transaction():
        decision = await decision_at(connection, number)
        named = named_in(decision.pairs)
        before = await persons_of(connection, named)
        await set_standing(connection, number, standing=standing)
        cause = Cause("decision" if standing else "revocation", number)
        definition = await definition_in_force(connection)
        linked = await relinked(store, connection, keys, definition, named, cause)
        if standing:
            await _check_effect(connection, decision)
        if not second and await _joins_sensitive(connection, linked):
            raise SecondNeeded
    await write_persons(store, connection, sorted(linked.persons))
    return before, linked


async def _check_effect(connection: Connection, decision: Decision) -> None:
    now = {one: person for one, (person, _) in (
        await persons_of(connection, named_in(decision.pairs))
    ).items()}  # fmt: skip
    for one, other in decision.pairs:
        if (now.get(one) == now.get(other)) != (decision.verdict == "same"):
            raise DecisionRefused("contradicts")


async def _joins_sensitive(connection: Connection, linked: Linked) -> bool:
    """Whether Patients of several Persons came together, and anything of them is sensitive."""
    rows = await connection.fetch(
        "select patient, person from identity.link where person = any($1::text[])",
        list(linked.persons),
    )
    together: dict[str, set[str]] = {}
    for row in rows:
        together.setdefault(row["person"], set()).add(row["patient"])
    for person, patients in together.items():
        former = {linked.moved[one][0] if one in linked.moved else person for one in patients}
        if len(former) > 1 and await sensitive_among(connection, patients):
            return True
    return False


async def decision_at(connection: Connection, number: int) -> Decision:
    """A decision.

    Raises:
        DecisionRefused: `unknown`.
    """
    found = await decision_of(connection, number)
    if found is None:
        raise DecisionRefused("unknown")
    return found


def named_in(pairs: Collection[Pair]) -> list[str]:
    """The Patients of some pairs, in order."""
    return sorted({one for pair in pairs for one in pair})
