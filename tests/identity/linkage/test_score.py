"""What pairs of registrations come to: the cases that must be right, and laws that always hold."""

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.identity.linkage.definition import Definition, load_definition, make_definition
from minkang.identity.linkage.features import Features, features_from
from minkang.identity.linkage.score import probability_of, score
from minkang.identity.linkage.stated import Stated

from .by_hand import definition_by_hand
from .registrations import CHILD, WANG, changed, number

D = definition_by_hand()
FREQUENT = definition_by_hand({"name": {"王建国": 5e-4}, "sound": {"wangjianguo": 1e-3}})
SHIPPED = load_definition()
RIGHT = number("1980-03-05", 11)
BABY = msgspec.structs.replace(CHILD, name="李芳之女")
FOREIGNER = Stated(
    name="John Smith", sex="male", birth_date="1975-09-30", cards=(("passport", "X1234567"),)
)


def judged(one: Stated, **changes: Any) -> tuple[str, str]:
    """Outcome and rule by hand-set weights; trained ones may doubt more, and never link more."""
    pair = features_from(one), changed(one, **changes)
    found = score(D, *pair)
    if found.outcome != "link":
        assert score(SHIPPED, *pair).outcome != "link"
    return found.outcome, found.rule


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"name": "王健国"},
        {"name": "王国建"},
        {"name": "王建园"},
        {"name": "王国"},
        {"name": "WANG JIANGUO"},
        {"name": "张建国"},
        {"phones": (), "division": "", "mother": ""},
        {"name": "王卫国", "other_names": ("王建国",)},
        {"id_number": RIGHT[:6] + RIGHT[8:17]},
    ],
)
def test_a_checked_number_that_agrees_with_birth_date_and_sex_links(
    changes: dict[str, Any],
) -> None:
    assert judged(WANG, **changes) == ("link", "id-number")


@pytest.mark.parametrize(
    "changes",
    [
        {"id_number": ""},
        {"id_number": "", "name": "王健国"},
        {"id_number": "", "phones": ("13900000000",)},
        {"id_number": "", "birth_date": "1980-05-03"},
        {"id_number": "", "birth_date": "1980-01-01"},
        {"id_number": "", "birth_date": "1980-01-19"},
        {"id_number": "", "name": "Jianguo Wang"},
        {"id_number": RIGHT[:9] + "7" + RIGHT[10:]},
        {"id_number": RIGHT[:7] + RIGHT[8] + RIGHT[7] + RIGHT[9:]},
        {"id_number": number("1982-07-09", 12)},
        {"birth_date": "1990-03-05"},
        {"sex": "female"},
    ],
)
def test_slips_and_gaps_are_bridged_by_weights(changes: dict[str, Any]) -> None:
    assert judged(WANG, **changes) == ("link", "weights")


@pytest.mark.parametrize(
    ("changes", "guard"),
    [
        ({"name": "张伟", "phones": (), "mother": ""}, "two-on-one-number"),
        ({"name": "王海波", "phones": (), "mother": ""}, "two-on-one-number"),
        # A brother, or a twin, under the other's number: mother, village and surname agree.
        ({"name": "王海波", "phones": ()}, "two-on-one-number"),
        ({"name": "王建红", "sex": "female"}, "sex-and-birth"),
        ({"id_number": number("1980-03-05", 13)}, "different-numbers"),
        ({"id_number": "", "phones": (), "mother": "", "division": ""}, "name-and-birth"),
        ({"id_number": "", "phones": (), "mother": "", "division": "371002101"}, "name-and-birth"),
        ({"name": "无名氏", "id_number": ""}, "unknown-patient"),
    ],
)
def test_doubt_goes_to_a_person(changes: dict[str, Any], guard: str) -> None:
    one = msgspec.structs.replace(WANG, died="2024-01-01")
    assert judged(WANG, **changes) == ("review", guard)
    assert judged(one, seen="2024-01-01")[0] == "link"
    assert judged(one, died="", seen="2024-03-01") == ("review", "dead-before")


def test_everyone_else_is_apart() -> None:
    assert judged(WANG, name="张伟", id_number="", phones=(), mother="")[0] == "separate"
    assert (
        judged(WANG, birth_date="1955-12-24", id_number="", phones=(), mother="")[0] == "separate"
    )
    assert score(D, features_from(Stated()), features_from(Stated())).outcome == "separate"


def test_one_number_under_two_names_is_reviewed_whatever_the_weight() -> None:
    other = {"name": "李慧", "sex": "female", "phones": ("13900000000",), "mother": "赵兰",
             "division": "110101001001"}  # fmt: skip
    found = score(D, changed(WANG, birth_date=""), changed(WANG, birth_date="", **other))
    assert found.weight < D.written.review
    assert (found.outcome, found.rule) == ("review", "two-on-one-number")


def test_a_newborn_is_found_again_when_it_has_a_name() -> None:
    assert judged(BABY, name="王子涵") == ("link", "weights")
    assert judged(BABY, birth_date="2021-06-02", name="王子涵") == ("link", "weights")
    assert judged(BABY, mother="", name="李芳之婴", source="other") == ("link", "weights")
    assert judged(BABY, name="王子涵", birth_date="2021-08-09")[0] != "link"
    assert judged(BABY, name="王子涵", mother="李秀英")[0] != "link"


def test_twins_are_never_linked_by_themselves() -> None:
    first = msgspec.structs.replace(BABY, name="李芳大双")
    card = (("insurance", "3710020001"),)
    doubtful: list[tuple[Stated, dict[str, Any]]] = [
        (CHILD, {"name": "王子晗", "twin": True}),
        (CHILD, {"name": "王子轩"}),
        (CHILD, {"name": "王梓轩"}),
        (msgspec.structs.replace(CHILD, cards=card), {"name": "王子轩"}),
        (first, {"name": "王子涵"}),
    ]
    for one, changes in doubtful:
        assert judged(one, **changes) == ("review", "twins")
    surely_two: list[tuple[Stated, dict[str, Any]]] = [
        (msgspec.structs.replace(CHILD, birth_order=1), {"birth_order": 2}),
        (first, {"name": "李芳二双"}),
        (first, {"name": "王子涵", "birth_order": 2}),
        (first, {"name": "王子轩", "sex": "male"}),
    ]
    for one, changes in surely_two:
        assert judged(one, **changes)[0] == "separate"
    assert judged(CHILD, twin=True) == ("link", "weights")
    assert judged(msgspec.structs.replace(BABY, name="李芳大双"), name="李芳之大双")[0] == "link"


def test_grown_people_with_one_telephone_are_no_twins() -> None:
    grown = msgspec.structs.replace(WANG, id_number="", mother="", seen="2024-05-06")
    assert judged(grown, name="王建园") == ("link", "weights")
    assert judged(grown, name="王建园", twin=True) == ("review", "twins")
    assert judged(grown, name="王建园", phones=("13900000000",)) == ("review", "twins")
    assert judged(grown, name="王建园", seen="") == ("review", "twins")


def test_brothers_and_sisters_share_much_and_are_two() -> None:
    home = msgspec.structs.replace(
        CHILD,
        cards=(("insurance", "3710020001"),),
        kin_numbers=(number("1990-01-02", 4),),
        address="环翠区张村镇前双岛村12号",
    )
    for name in ("王子轩", "王芳", "王轩"):
        for birth in ("2018-11-30", "2021-11-30", "2018-06-01", "2021"):
            assert judged(home, name=name, birth_date=birth) == ("separate", "relatives")
    # A name of the same sound is rather one child, and another birth date rather another one.
    assert judged(home, name="王子晗", birth_date="2018-11-30") == ("review", "birth-apart")
    assert judged(home, birth_date="2018-11-30") == ("review", "birth-apart")
    assert judged(home, birth_date="2018-06-01") == ("link", "weights")


def test_mother_and_child_on_one_card_are_two() -> None:
    card = (("insurance", "3710020001"),)
    mother = Stated(name="李芳", sex="female", birth_date="1990-01-02", cards=card,
                    phones=("13800000001",), id_number=number("1990-01-02", 4),
                    division="371002101201")  # fmt: skip
    baby = msgspec.structs.replace(BABY, cards=card, id_number=mother.id_number)
    found = score(D, features_from(mother), features_from(baby))
    assert (found.outcome, found.rule) == ("separate", "mother-and-child")
    for changes in ({"birth_date": ""}, {"name": "王子涵"}, {"id_number": "", "birth_date": ""}):
        one = changed(baby, **changes)
        assert score(D, features_from(mother), one).outcome == "separate"


def test_documents_of_other_states_link_with_name_birth_date_and_sex() -> None:
    assert judged(FOREIGNER) == ("link", "card")
    assert judged(FOREIGNER, name="SMITH John") == ("link", "card")
    assert judged(FOREIGNER, name="Jane Miller", sex="female")[0] != "link"
    assert judged(FOREIGNER, cards=(("hospital", "X1234567"),))[1] != "card"
    permit = msgspec.structs.replace(FOREIGNER, name="陈大文", cards=(("", "H12345678"),))
    assert judged(permit, name="CHEN DAWEN") == ("link", "card")


def test_a_frequent_name_weighs_less_and_the_village_is_not_enough_for_it() -> None:
    one = changed(WANG, id_number="", phones=(), mother="")
    rare, frequent = score(D, one, one), score(FREQUENT, one, one)
    assert frequent.weight < rare.weight
    assert (rare.outcome, frequent.outcome) == ("link", "review")
    assert frequent.rule == "name-and-birth"


def test_weights_are_those_of_fellegi_and_sunter() -> None:
    found = score(D, changed(WANG), changed(WANG, name="王建园", phones=("13900000000",)))
    assert found.weight == pytest.approx(D.prior + sum(level.weight for level in found.levels))
    assert found.probability == pytest.approx(probability_of(found.weight))
    forms = {c.name: {one.name: one for one in c.levels} for c in D.written.comparisons}
    for level in found.levels:
        form = forms[level.comparison][level.level]
        assert level.weight == pytest.approx(0.0 if form.null else math.log2(form.m / form.u))
    assert [level.comparison for level in found.levels] == list(forms)


NAMES = st.sampled_from(
    ["王建国", "王健国", "王国建", "王国", "王芳之子", "王芳大双", "王芳二双", "Wang Jianguo",
     "无名氏", "", "张伟", "王芳", "\ud800王😀", "李" * 90])  # fmt: skip
BIRTHS = st.sampled_from(["1980-03-05", "1980-05-03", "1980", "1980-01-01", "2021-06-01", "", "x"])
NUMBERS = st.sampled_from(
    ["", RIGHT, RIGHT[:17] + "5", number("1980-03-05", 13), "E12345678", "😀"]
)
STATED = st.builds(
    Stated, name=NAMES, sex=st.sampled_from(["male", "female", "", "other"]), birth_date=BIRTHS,
    id_number=NUMBERS, phones=st.sampled_from([(), ("13800000001",), ("110",)]), mother=NAMES,
    cards=st.sampled_from([(), (("", "E12345678"),), (("insurance", "778899"),)]),
    division=st.sampled_from(["", "371002101201", "371002"]), address=NAMES,
    twin=st.booleans(), birth_order=st.integers(0, 3), died=BIRTHS, seen=BIRTHS,
)  # fmt: skip


@given(STATED, STATED)
@settings(max_examples=150, deadline=None)
def test_a_pair_is_judged_the_same_from_both_sides(one: Stated, other: Stated) -> None:
    a, b = features_from(one), features_from(other)
    assert score(FREQUENT, a, b) == score(FREQUENT, b, a)
    forth, back = score(D, a, b), score(D, b, a)
    assert forth == back
    assert forth.outcome in ("link", "review", "separate")
    if a.id_number and b.id_number and a.id_number != b.id_number:
        assert forth.outcome != "link"


EVIDENCE = {
    "id_number": "", "phones": (), "mother": "", "cards": (), "division": "", "address": "",
}  # fmt: skip


@given(st.sets(st.sampled_from(sorted(EVIDENCE))), st.sampled_from(sorted(EVIDENCE)))
@settings(max_examples=60, deadline=None)
def test_taking_evidence_away_never_raises(gone: set[str], more: str) -> None:
    one = msgspec.structs.replace(
        WANG, cards=(("passport", "E12345678"),), address="张村镇前双岛村"
    )
    rank = ("separate", "review", "link")
    less = score(D, features_from(one), changed(one, **{key: EVIDENCE[key] for key in gone}))
    least = score(
        D, features_from(one), changed(one, **{key: EVIDENCE[key] for key in {*gone, more}})
    )
    assert least.weight <= less.weight
    assert rank.index(least.outcome) <= rank.index(less.outcome)


@given(STATED)
@settings(max_examples=60, deadline=None)
def test_a_registration_with_enough_evidence_is_itself(stated: Stated) -> None:
    sure = changed(stated, name="王建国", sex="male", birth_date="1980-03-05", id_number=RIGHT,
                   died="", mother="李秀英")  # fmt: skip
    assert score(D, sure, sure).outcome == "link"


def test_the_definition_reads_records_of_any_shape() -> None:
    class Book(msgspec.Struct):
        title: str
        year: str

    written = msgspec.yaml.decode(
        """
        version: books
        prior: 0.01
        link: 4
        review: 0
        comparisons:
          - name: title
            zh: 书名
            en: Title
            levels:
              - {name: same, zh: 相同, en: same, when: [equal title, equal year], m: 0.9, u: 0.001}
              - {name: other, zh: 不同, en: other, when: [always], m: 0.1, u: 0.999}
        blocking: {title: [title]}
        """,
        type=type(D.written),
    )
    books: Definition = make_definition(written)
    one = Book("庄子", "2001")
    assert score(books, one, one).outcome == "review"
    assert score(books, one, Book("庄子", "2002")).outcome == "separate"


def test_features_of_nobody_are_no_evidence() -> None:
    nobody = Features()
    assert {level.weight for level in score(D, nobody, nobody).levels} == {0.0}
