"""Residents follow from edges and decisions alone, whatever their order."""

from itertools import combinations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.identity.linkage.cluster import Clusters, Edge, cluster, conflict, pair_of
from minkang.identity.linkage.features import Features, features_from
from minkang.identity.linkage.score import score
from minkang.identity.linkage.stated import Stated

from .by_hand import definition_by_hand
from .registrations import CHILD, WANG, changed, number

D = definition_by_hand()
ANYONE = Features()


def link(a: str, b: str, weight: float = 20.0, rule: str = "weights") -> Edge:
    one, other = pair_of(a, b)
    return Edge(one, other, weight, "link", rule)


def groups(found: Clusters) -> set[str]:
    return {"".join(sorted(group)) for group in found.groups}


def causes(found: Clusters) -> dict[str, str]:
    return {one.edge.a + one.edge.b: one.cause for one in found.held_back}


def nodes(**known: Features) -> dict[str, Features]:
    return known


NUMBERED = [changed(WANG, id_number=number("1980-03-05", serial)) for serial in (11, 13)]


def test_links_make_residents_and_reviews_make_none() -> None:
    four = nodes(a=ANYONE, b=ANYONE, c=ANYONE, d=ANYONE)
    edges = [link("a", "b"), link("b", "c"), Edge("c", "d", 5.0, "review", "weights")]
    found = cluster(four, edges)
    assert groups(found) == {"abc", "d"}
    assert found.held_back == ()
    assert found.groups[0] == frozenset("abc")


def test_a_chain_never_joins_two_numbers() -> None:
    chain = nodes(a=NUMBERED[0], b=ANYONE, c=NUMBERED[1])
    found = cluster(chain, [link("a", "b", 30), link("b", "c", 20)])
    assert groups(found) == {"ab", "c"}
    assert causes(found) == {"bc": "different-numbers"}


def test_two_slips_of_one_name_are_one_by_who_bears_the_name() -> None:
    """孑玉山 and 孙于山 under one number are two people, unless 孙玉山 has the number, or none."""
    first, second = changed(WANG, name="孑玉山"), changed(WANG, name="孙于山")
    assert conflict(first, second) == "two-people"
    whole = changed(WANG, name="孙玉山")
    chain = [link("a", "b", 30, "id-number"), link("b", "c", 20, "id-number")]
    assert groups(cluster(nodes(a=first, b=whole, c=second), chain)) == {"abc"}
    without = changed(WANG, name="孙玉山", id_number="")
    weighed = [link("a", "b", 22), link("b", "c", 20)]
    assert groups(cluster(nodes(a=first, b=without, c=second), weighed)) == {"abc"}
    for other in (
        changed(WANG, name="孙玉山", birth_date="1982-03-05", id_number=""),
        changed(WANG, name="孙玉山", sex="female", id_number=""),
        changed(WANG, name="孙建国"),
        changed(WANG, name="", id_number=""),
    ):
        found = cluster(nodes(a=first, b=other, c=second), chain)
        assert "abc" not in groups(found)
        assert set(causes(found).values()) == {"two-people"}


def test_what_fits_two_equally_well_is_given_to_neither() -> None:
    chain = nodes(a=NUMBERED[0], b=ANYONE, c=NUMBERED[1])
    found = cluster(chain, [link("a", "b", 22), link("b", "c", 20)])
    assert groups(found) == {"a", "b", "c"}
    assert causes(found) == {"ab": "ambiguous", "bc": "ambiguous"}
    decided = cluster(chain, [link("a", "b", 22), link("b", "c", 20)], same=frozenset({("a", "b")}))
    assert groups(decided) == {"ab", "c"}
    assert causes(decided) == {"bc": "ambiguous"}
    ruled = cluster(chain, [link("a", "b", 22, "id-number"), link("b", "c", 20)])
    assert groups(ruled) == {"ab", "c"}


def test_rules_stand_above_weights_and_decisions_above_rules() -> None:
    three = nodes(a=NUMBERED[0], b=ANYONE, c=NUMBERED[1])
    edges = [link("a", "b", 90), link("b", "c", 10, "id-number")]
    assert groups(cluster(three, edges)) == {"a", "bc"}
    assert groups(cluster(three, edges, same=frozenset({("a", "b")}))) == {"ab", "c"}


def test_people_may_join_two_numbers_and_others_follow_either() -> None:
    four = nodes(a=NUMBERED[0], b=NUMBERED[1], c=NUMBERED[1], d=changed(WANG, id_number=number(
        "1980-03-05", 15)))  # fmt: skip
    edges = [link("b", "c", 60, "id-number"), link("a", "d", 20)]
    found = cluster(four, edges, same=frozenset({("a", "b")}))
    assert groups(found) == {"abc", "d"}
    assert causes(found) == {"ad": "different-numbers"}


def test_who_people_say_is_one_draws_both_kinds_of_others() -> None:
    """One resident changed name and number: what fits either joins, what fits neither does not."""
    other = changed(WANG, name="李慧敏", id_number="", birth_date="1955-12-24")
    five = nodes(a=changed(WANG), b=other, c=changed(WANG), d=other,
                 e=changed(WANG, name="赵六一", id_number="", birth_date="1960-07-20"))  # fmt: skip
    edges = [link("a", "c", 70, "id-number"), link("b", "d", 30), link("d", "e", 20)]
    found = cluster(five, edges, same=frozenset({("a", "b")}))
    assert groups(found) == {"abcd", "e"}
    assert causes(found) == {"de": "two-people"}
    # A link to both of two whom people called one is not ambiguous.
    edges = [link("a", "f", 22), link("b", "f", 20)]
    six = {**five, "f": ANYONE}
    assert "f" in cluster(six, edges, same=frozenset({("a", "b")})).groups[0]
    assert frozenset("f") in cluster(six, edges).groups


def test_never_the_same_holds_against_everything() -> None:
    three = nodes(a=ANYONE, b=ANYONE, c=ANYONE)
    edges = [link("a", "b", 90, "id-number"), link("b", "c", 80, "merged")]
    found = cluster(three, edges, different=frozenset({("a", "c")}))
    assert groups(found) == {"a", "bc"}
    assert causes(found) == {"ab": "never-the-same"}
    both = frozenset({("a", "b")})
    found = cluster(three, [], same=both, different=both)
    assert groups(found) == {"a", "b", "c"}
    assert [(one.edge.rule, one.cause) for one in found.held_back] == [
        ("decision", "never-the-same")
    ]
    assert groups(cluster(three, edges, different=frozenset({("b", "a")}))) == {"a", "bc"}


def test_what_a_source_merged_stays_together_whatever_it_says() -> None:
    two = nodes(a=NUMBERED[0], b=NUMBERED[1])
    assert groups(cluster(two, [link("a", "b", 0, "merged")])) == {"ab"}


def test_edges_and_decisions_about_nobody_are_left_out() -> None:
    found = cluster(nodes(a=ANYONE), [link("a", "z")], same=frozenset({("a", "y")}))
    assert groups(found) == {"a"}
    assert found.held_back == ()


def test_why_two_cannot_be_one() -> None:
    assert conflict(*NUMBERED) == "different-numbers"
    assert conflict(NUMBERED[0], changed(WANG, name="张伟")) == "two-people"
    for name in ("王健国", "王伟", "李建国", "王国", "", "无名氏"):
        assert conflict(NUMBERED[0], changed(WANG, name=name)) is None
    assert conflict(changed(CHILD, birth_order=1), changed(CHILD, birth_order=2)) == "twins"
    one = changed(WANG, id_number="")
    assert conflict(one, changed(WANG, id_number="", birth_date="1955-12-24", sex="female")) == (
        "sex-and-birth"
    )
    other = changed(WANG, id_number="", birth_date="1955-12-24", name="张伟")
    assert conflict(one, other) == "two-people"
    for slip in ("1980-05-03", "1980-01-01", "1980-03-04", "1990-03-05", "1980", ""):
        assert conflict(one, changed(WANG, id_number="", birth_date=slip, name="张伟")) is None


def test_twins_in_two_hospitals_stay_two() -> None:
    """Each of two twins is registered twice, once before there were names."""
    first = msgspec.structs.replace(CHILD, name="李芳大双")
    second = msgspec.structs.replace(CHILD, name="李芳二双")
    four = {
        "a": features_from(first),
        "b": features_from(second),
        "c": changed(CHILD, birth_order=1),
        "d": changed(CHILD, name="王子晗", birth_order=2),
    }
    found = cluster(four, scored(four))
    assert groups(found) == {"ac", "bd"}


def test_a_resident_of_many_registrations_is_one() -> None:
    """Whatever one registration lacks, another has: they hang together through the rest."""
    several = {
        "a": changed(WANG),
        "b": changed(WANG, id_number="", phones=()),
        "c": changed(WANG, name="王健国", phones=("13900000000",)),
        "d": changed(WANG, birth_date="1980-05-03", id_number=""),
        "e": changed(WANG, id_number=number("1982-07-09", 12)),
        "f": changed(Stated(name="李芳", sex="female", birth_date="1982-07-09"),
                     id_number=number("1982-07-09", 12), phones=("13800000001",)),
    }  # fmt: skip
    assert groups(cluster(several, scored(several))) == {"abcde", "f"}


def scored(known: dict[str, Features]) -> list[Edge]:
    return [
        Edge(a, b, found.weight, found.outcome, found.rule)
        for a, b in combinations(sorted(known), 2)
        for found in [score(D, known[a], known[b])]
        if found.outcome != "separate"
    ]


IDS = "abcdefgh"
PEOPLE = st.sampled_from(
    [
        ANYONE,
        *NUMBERED,
        changed(WANG, id_number=""),
        changed(WANG, id_number="", sex="female", birth_date="1955-12-24"),
        changed(CHILD, birth_order=1),
        changed(CHILD, birth_order=2),
        changed(CHILD, name="李芳之女"),
    ]
)
REGIONS = st.fixed_dictionaries(dict.fromkeys(IDS, PEOPLE))
PAIRS = st.sets(st.sampled_from(list(combinations(IDS, 2))), max_size=5)
EDGES = st.lists(
    st.builds(
        lambda pair, weight, outcome, rule: Edge(pair[0], pair[1], float(weight), outcome, rule),
        st.sampled_from(list(combinations(IDS, 2))),
        st.integers(8, 24),
        st.sampled_from(["link", "link", "link", "review"]),
        st.sampled_from(["weights", "weights", "weights", "id-number", "card", "merged"]),
    ),
    max_size=14,
)


@given(REGIONS, EDGES, PAIRS, PAIRS, st.randoms(use_true_random=False))
@settings(max_examples=120, deadline=None)
def test_no_order_of_arrival_makes_a_difference(
    region: dict[str, Features], edges: list[Edge], same: set[tuple[str, str]],
    different: set[tuple[str, str]], random: object,
) -> None:  # fmt: skip
    found = cluster(region, edges, frozenset(same), frozenset(different))
    shuffled, ids = list(edges), list(region)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    random.shuffle(ids)  # type: ignore[attr-defined]
    again = cluster({one: region[one] for one in ids}, shuffled, frozenset(same),
                    frozenset(different))  # fmt: skip
    assert again == found


@given(REGIONS, EDGES, PAIRS, PAIRS)
@settings(max_examples=120, deadline=None)
def test_groups_are_a_partition_that_keeps_every_promise(
    region: dict[str, Features], edges: list[Edge], same: set[tuple[str, str]],
    different: set[tuple[str, str]],
) -> None:  # fmt: skip
    found = cluster(region, edges, frozenset(same), frozenset(different))
    assert sorted(one for group in found.groups for one in group) == sorted(region)
    together = {pair for group in found.groups for pair in combinations(sorted(group), 2)}
    assert not together & different
    joined = {(one.a, one.b) for one in edges if one.outcome == "link"} | same
    forced = same | {(one.a, one.b) for one in edges if one.rule == "merged"}
    if not forced:
        for a, b in together:
            assert conflict(region[a], region[b]) is None
    held = {(one.edge.a, one.edge.b) for one in found.held_back}
    # Every link either holds or is handed to somebody, with its cause.
    assert {pair for pair in joined if pair not in together} == held


@given(REGIONS, EDGES, PAIRS, PAIRS)
@settings(max_examples=80, deadline=None)
def test_apart_from_the_links_there_is_nothing_to_undo(
    region: dict[str, Features], edges: list[Edge], same: set[tuple[str, str]],
    different: set[tuple[str, str]],
) -> None:  # fmt: skip
    """Decisions added one by one and revoked in another order leave nothing behind."""
    never = cluster(region, edges)
    before = (dict(region), list(edges))
    for count in range(len(same) + 1):
        cluster(region, edges, frozenset(sorted(same)[:count]), frozenset(different))
    assert cluster(region, edges, frozenset(), frozenset()) == never
    assert before == (region, edges)
    # Parts that no edge and no decision joins do not know of each other.
    for group in _components(region, edges):
        alone = {one: region[one] for one in group}
        own = [one for one in edges if one.a in group]
        assert set(cluster(alone, own).groups) == {g for g in never.groups if g <= group}


def _components(region: dict[str, Features], edges: list[Edge]) -> list[frozenset[str]]:
    parts = [frozenset({one}) for one in region]
    for edge in edges:
        touched = [part for part in parts if edge.a in part or edge.b in part]
        parts = [part for part in parts if part not in touched] + [frozenset().union(*touched)]
    return parts
