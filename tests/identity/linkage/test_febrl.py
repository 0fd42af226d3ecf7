"""The engine on the registers on which others are measured: FEBRL 3 and FEBRL 4."""

from collections.abc import Sequence

from minkang.identity.linkage.batch import Batch, plain_keys
from minkang.identity.linkage.evaluate import Evaluation, evaluated
from tests.identity.linkage.febrl import FEBRL_KINDS, Febrl, febrl, febrl_definition


def weighed(records: Sequence[Febrl]) -> list[tuple[float, Febrl, Febrl]]:
    """All pairs at or above the threshold of a link, the heaviest first."""
    definition = febrl_definition()
    found = []
    with Batch(definition, Febrl, kinds=FEBRL_KINDS) as batch:
        batch.add(range(len(records)), records, [plain_keys(definition, one) for one in records])
        for a, b, weight, outcome, _ in zip(*batch.pairs().to_pydict().values(), strict=True):
            if outcome == "link":
                found.append((weight, records[a], records[b]))
    return sorted(found, key=lambda one: (-one[0], one[1].id, one[2].id))


def judged(records: Sequence[Febrl], groups: Sequence[Sequence[str]]) -> Evaluation:
    return evaluated({one.id: one.truth for one in records}, groups)


def test_febrl_4_two_registers_of_the_same_people() -> None:
    one, other = febrl("dataset4a"), febrl("dataset4b")
    taken: set[str] = set()
    groups = []
    for _, a, b in weighed([*one, *other]):
        # Each register has everybody once.
        if a.id.endswith("org") != b.id.endswith("org") and not {a.id, b.id} & taken:
            taken |= {a.id, b.id}
            groups.append([a.id, b.id])
    found = judged([*one, *other], groups)
    assert found.people == 5000
    assert found.f1 >= 0.9995, found


def test_febrl_3_one_register_with_up_to_five_duplicates() -> None:
    records = febrl("dataset3")
    group = {one.id: {one.id} for one in records}
    for _, a, b in weighed(records):
        if group[a.id] is not group[b.id]:
            group[a.id] |= group[b.id]
            for one in group[b.id]:
                group[one] = group[a.id]
    found = judged(records, [sorted(one) for one in {id(g): g for g in group.values()}.values()])
    assert found.records == 5000
    assert found.f1 >= 0.995, found
