"""Lookup, expand, validate-code, subsumes, translate over what comes with the platform."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.fhir import Refused, Resource
from minkang.store import Scope
from minkang.terminology import (
    Coding,
    Terminology,
    ValueSet,
    Wanted,
    built_in,
    expand,
    lookup,
    subsumes,
    translate,
    validate_in_system,
    validate_in_value_set,
)
from minkang.terminology.builtin import DIVISIONS, DOCUMENTS, ICD10, NOTIFIABLE, SEX
from minkang.terminology.concept_map import ConceptMap, Group, Target
from minkang.terminology.concept_map import translate as translate_by
from minkang.terminology.from_fhir import code_system_of, concept_map_of, value_set_of
from minkang.terminology.value_set import Include, Known, contains
from minkang.terminology.value_set import expand as expand_known
from minkang.terminology.value_set_filter import Filter

TODAY = "2026-11-22"
UCUM = "http://unitsofmeasure.org"
ALONE = Terminology(None, Scope.nothing())


def rule(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.problems[0].rule


async def codes(url: str, **wanted: object) -> list[str]:
    value_set = await ALONE.value_set(url)
    asked = Wanted(on=TODAY, **wanted)  # type: ignore[arg-type]
    expansion = await expand(ALONE, value_set, asked)
    return [member.coding.code for member in expansion.members]


async def value_set(**compose: object) -> ValueSet:
    return value_set_of({"resourceType": "ValueSet", "url": "urn:vs", "compose": compose})


async def in_set(compose: ValueSet, *codings: Coding, **more: object) -> bool:
    verdict = await validate_in_value_set(
        ALONE,
        compose,
        codings,
        on=TODAY,
        **more,  # type: ignore[arg-type]
    )
    return verdict.valid


# --- lookup ---


async def test_lookup_says_what_is_known_of_a_code() -> None:
    found = await lookup(ALONE, ICD10, "E11.900", on=TODAY)
    assert found.coding.display == "2型糖尿病"
    assert ("parent", "E11.9") in found.properties
    group = await lookup(ALONE, ICD10, "E11", on=TODAY)
    assert ("notSelectable", True) in group.properties
    assert ("child", "E11.9") in group.properties
    chapter = await lookup(ALONE, ICD10, "E00-E90", on=TODAY)
    assert chapter.coding.display == "内分泌、营养和代谢疾病"


async def test_lookup_of_a_disease_depends_on_the_day() -> None:
    before = await lookup(ALONE, NOTIFIABLE, "covid-19", on="2022-06-01")
    after = await lookup(ALONE, NOTIFIABLE, "covid-19", on=TODAY)
    assert dict(before.properties)["report-hours"] == 2
    assert dict(after.properties)["report-hours"] == 24


async def test_lookup_of_an_ended_code_names_its_successor() -> None:
    found = await lookup(ALONE, DIVISIONS, "110103", on=TODAY)
    assert ("successor", "110101") in found.properties
    assert ("inactive", True) in found.properties
    then = await lookup(ALONE, DIVISIONS, "110103", on="2005-01-01")
    assert ("inactive", True) not in then.properties


async def test_lookup_of_a_unit() -> None:
    found = await lookup(ALONE, UCUM, "mmol/L", on=TODAY)
    assert dict(found.properties)["base-units"]
    assert (await lookup(ALONE, UCUM, "Cel", on=TODAY)).coding.code == "Cel"
    with pytest.raises(Refused) as refused:
        await lookup(ALONE, UCUM, "毫摩尔", on=TODAY)
    assert rule(refused) == "unknown-code"


async def test_what_is_not_known_is_refused_with_its_rule() -> None:
    with pytest.raises(Refused) as refused:
        await lookup(ALONE, "urn:nobody", "1", on=TODAY)
    assert rule(refused) == "unknown-system"
    with pytest.raises(Refused) as refused:
        await lookup(ALONE, ICD10, "Q00.0000", on=TODAY)
    assert rule(refused) == "unknown-code"
    with pytest.raises(Refused) as refused:
        await lookup(ALONE, ICD10, "E11.900", on=TODAY, version="1.0")
    assert rule(refused) == "unknown-system"


# --- validate ---


async def test_a_code_with_the_display_of_another_is_not_valid() -> None:
    # The schemas of WS/T 500 check code and displayName apart, so 1 with 女性 passes there.
    right = await validate_in_system(ALONE, Coding(SEX, "1", "男性"), on=TODAY)
    wrong = await validate_in_system(ALONE, Coding(SEX, "1", "女性"), on=TODAY)
    assert right.valid
    assert not wrong.valid
    assert wrong.display == "男性"
    assert wrong.message is not None
    assert "女性" in wrong.message


async def test_an_earlier_name_of_a_code_is_a_right_name() -> None:
    verdict = await validate_in_system(ALONE, Coding(DIVISIONS, "210311", "旧堡区"), on=TODAY)
    assert verdict.valid
    assert verdict.display == "千山区"


async def test_an_ended_code_is_valid_unless_the_day_is_asked_about() -> None:
    coding = Coding(DIVISIONS, "110103", "崇文区")
    hinted = await validate_in_system(ALONE, coding, on=TODAY)
    asked = await validate_in_system(ALONE, coding, on=TODAY, dated=True)
    then = await validate_in_system(ALONE, coding, on="2005-01-01", dated=True)
    assert (hinted.valid, asked.valid, then.valid) == (True, False, True)
    assert hinted.message is not None
    assert "110101" in hinted.message
    assert then.message is None


async def test_a_category_is_no_code_for_records() -> None:
    branch = await ALONE.value_set(f"{ICD10}?fhir_vs=isa/E11")
    assert await in_set(branch, Coding(ICD10, "E11.900"))
    assert not await in_set(branch, Coding(ICD10, "E11"))
    assert await in_set(branch, Coding(ICD10, "E11"), abstract=True)
    assert not await in_set(branch, Coding(ICD10, "E10.900"))


async def test_of_several_codings_one_is_enough() -> None:
    branch = await ALONE.value_set(f"{ICD10}?fhir_vs=isa/E10-E14")
    local = Coding("urn:minkang:source:a:code:local", "T2")
    assert await in_set(branch, local, Coding(ICD10, "E11.900"))
    assert not await in_set(branch, local)


async def test_a_code_without_a_system_counts_where_only_one_can_be_meant() -> None:
    sexes = await ALONE.value_set("urn:minkang:vs:gbt2261.1")
    assert await in_set(sexes, Coding("", "1"))
    two = await value_set(include=[{"system": SEX}, {"system": "urn:minkang:cs:CV05.01.002"}])
    assert not await in_set(two, Coding("", "1"))
    assert await in_set(two, Coding("", "9"))


async def test_value_sets_of_r4_take_part() -> None:
    gender = await ALONE.value_set("http://hl7.org/fhir/ValueSet/administrative-gender")
    system = "http://hl7.org/fhir/administrative-gender"
    assert await in_set(gender, Coding(system, "male"))
    assert not await in_set(gender, Coding(system, "1"))
    versioned = await ALONE.value_set("http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1")
    assert versioned == gender
    with pytest.raises(Refused):
        await ALONE.value_set("http://hl7.org/fhir/ValueSet/administrative-gender|9")


# --- subsumes ---


async def test_subsumes() -> None:
    assert await subsumes(ALONE, ICD10, "E11", "E11.900") == "subsumes"
    assert await subsumes(ALONE, ICD10, "E11.900", "E11") == "subsumed-by"
    assert await subsumes(ALONE, ICD10, "E11.900", "e11.900") == "equivalent"
    assert await subsumes(ALONE, ICD10, "E11.900", "E10") == "not-subsumed"
    assert await subsumes(ALONE, DIVISIONS, "370000", "371002") == "subsumes"
    assert await subsumes(ALONE, NOTIFIABLE, "anthrax", "pulmonary-anthrax") == "subsumes"


# --- expand ---


async def test_expand_by_text_by_pinyin_and_by_page() -> None:
    vs = "urn:minkang:vs:icd10-cn"
    assert (await codes(vs, text="高血压", count=3))[0] == "I10.x00x002"
    assert "I10.x00x002" in await codes(vs, text="gxy", count=50)
    first = await codes(vs, text="糖尿病", count=7)
    second = await codes(vs, text="糖尿病", count=7, offset=7)
    assert first + second == await codes(vs, text="糖尿病", count=14)
    assert await codes(vs, text="糖尿病", count=0) == []


async def test_a_large_value_set_has_to_be_paged_or_filtered() -> None:
    with pytest.raises(Refused) as refused:
        await codes("urn:minkang:vs:icd10-cn")
    assert rule(refused) == "too-costly"
    assert len(await codes("urn:minkang:vs:icd10-cn", count=1_000, offset=33_000)) == 304


async def test_a_branch_and_a_range_are_expanded() -> None:
    branch = await codes(f"{ICD10}?fhir_vs=isa/E11", count=1_000)
    assert branch
    assert all(code.startswith("E11.") for code in branch)
    assert "E11" not in branch
    wide = await codes(f"{ICD10}?fhir_vs=isa/E10-E14", count=1_000)
    assert set(branch) < set(wide)
    found = await codes(f"{ICD10}?fhir_vs=isa/E10-E14", text="肾", count=1_000)
    assert set(found) < set(wide)


async def test_only_active_codes_if_asked() -> None:
    vs = "urn:minkang:vs:gbt2260"
    both = await codes(vs, text="崇文区", count=10)
    active = await codes(vs, text="崇文区", count=10, active_only=True)
    then = await expand(
        ALONE,
        await ALONE.value_set(vs),
        Wanted(on="2005-01-01", text="崇文区", count=10, active_only=True),
    )
    assert (both, active) == (["110103"], [])
    assert [one.coding.code for one in then.members] == ["110103"]


async def test_sections_of_documents_are_listed_without_knowing_loinc() -> None:
    found = await codes("urn:minkang:vs:wst500-sections", text="主诉")
    assert found == ["10154-3"]
    assert len(await codes("urn:minkang:vs:wst500-sections")) == 20


async def test_includes_excludes_and_imports_come_together() -> None:
    both = await value_set(
        include=[{"system": SEX}, {"system": DOCUMENTS, "concept": [{"code": "C0034"}]}],
        exclude=[{"system": SEX, "concept": [{"code": "0"}, {"code": "9"}]}],
    )
    expansion = await expand(ALONE, both, Wanted(on=TODAY))
    assert [one.coding.code for one in expansion.members] == ["1", "2", "C0034"]
    assert not await in_set(both, Coding(SEX, "9"))
    narrowed = await value_set(
        include=[
            {
                "system": ICD10,
                "filter": [{"property": "concept", "op": "is-a", "value": "E11"}],
                "valueSet": [f"{ICD10}?fhir_vs=isa/E11.2"],
            }
        ]
    )
    found = await expand(ALONE, narrowed, Wanted(on=TODAY))
    assert found.members
    assert all(one.coding.code.startswith("E11.2") for one in found.members)


async def test_a_system_is_known_by_its_short_name_too() -> None:
    short = await value_set(include=[{"system": "urn:minkang:cs:gbt2261.1"}])
    found = await expand(ALONE, short, Wanted(on=TODAY))
    assert {one.coding.system for one in found.members} == {SEX}
    for url in (SEX, "urn:minkang:cs:gbt2261.1"):
        assert await in_set(short, Coding(url, "1"))


async def test_two_versions_of_one_system_are_refused() -> None:
    two = await value_set(include=[{"system": SEX}, {"system": SEX, "version": "1980"}])
    with pytest.raises(Refused) as refused:
        await expand(ALONE, two, Wanted(on=TODAY))
    assert rule(refused) == "version"


async def test_filters_by_property() -> None:
    children = await value_set(
        include=[
            {
                "system": "urn:minkang:cs:gbt2261.2",
                "filter": [{"property": "parent", "op": "=", "value": "20"}],
            }
        ]
    )
    found = await expand(ALONE, children, Wanted(on=TODAY))
    assert [one.coding.code for one in found.members] == ["21", "22", "23"]


async def test_diseases_by_their_class_on_a_day() -> None:
    first = await value_set(
        include=[
            {
                "system": NOTIFIABLE,
                "filter": [{"property": "report-hours", "op": "=", "value": "2"}],
            }
        ]
    )
    at_once = {"plague", "cholera", "sars", "pulmonary-anthrax"}
    for day, more in (("2022-01-01", {"covid-19"}), (TODAY, set())):
        found = await expand(ALONE, first, Wanted(on=day))
        assert {one.coding.code for one in found.members} == at_once | more


@pytest.mark.parametrize(
    "bad",
    [
        {"property": "code", "op": "regex", "value": "(a+)+b"},
        {"property": "concept", "op": "is-a", "value": "ZZZ"},
        {"property": "parent", "op": "is-a", "value": "20"},
    ],
)
async def test_a_filter_that_is_not_understood_is_refused(bad: dict[str, str]) -> None:
    wrong = await value_set(include=[{"system": ICD10, "filter": [bad]}])
    with pytest.raises(Refused) as refused:
        await expand(ALONE, wrong, Wanted(on=TODAY, count=1))
    assert rule(refused) == "filter"


def test_a_value_set_that_refers_to_itself_is_refused() -> None:
    one = ValueSet(url="urn:a", includes=(Include(value_sets=("urn:b",)),))
    other = ValueSet(url="urn:b", includes=(Include(value_sets=("urn:a",)),))
    known = Known({}, {"urn:a": one, "urn:b": other}, TODAY)
    with pytest.raises(Refused) as refused:
        expand_known(one, known, Wanted(on=TODAY))
    assert rule(refused) == "value-set-cycle"
    with pytest.raises(Refused):
        contains(one, known, Coding(SEX, "1"))


# --- translate ---


async def test_a_replaced_division_is_translated() -> None:
    found = await translate(ALONE, Coding(DIVISIONS, "110103"))
    assert [(one.coding.code, one.coding.display, one.equivalence) for one in found] == [
        ("110101", "东城区", "equivalent")
    ]


async def test_gender_both_ways() -> None:
    fhir = "http://hl7.org/fhir/administrative-gender"
    there = await translate(ALONE, Coding(fhir, "female"), target_system=SEX)
    assert [one.coding.code for one in there] == ["2"]
    back = await translate(ALONE, Coding(SEX, "2"), target_system=fhir, reverse=True)
    assert [one.coding.code for one in back] == ["female"]


def fhir_map(**group: object) -> ConceptMap:
    resource: Resource = {
        "resourceType": "ConceptMap",
        "url": "urn:map",
        "status": "active",
        "group": [{"source": "urn:here", "target": "urn:there", **group}],
    }
    return concept_map_of(resource)


def test_unmapped_codes_are_kept_or_fixed_if_a_map_says_so() -> None:
    plain = fhir_map(element=[{"code": "a", "target": [{"code": "b", "equivalence": "equal"}]}])
    kept = fhir_map(element=[], unmapped={"mode": "provided"})
    fixed = fhir_map(element=[], unmapped={"mode": "fixed", "code": "other", "display": "其他"})
    coding = Coding("urn:here", "x", "未知")
    assert translate_by([plain], coding).matches == ()
    assert [one.coding for one in translate_by([kept], coding).matches] == [
        Coding("urn:there", "x", "未知")
    ]
    assert [one.coding.code for one in translate_by([fixed], coding).matches] == ["other"]


def test_unmatched_is_no_translation() -> None:
    none = fhir_map(element=[{"code": "a", "target": [{"equivalence": "unmatched"}]}])
    (match,) = translate_by([none], Coding("urn:here", "a")).matches
    assert not match.is_mapped


def test_mappings_that_depend_on_other_data_are_left_out() -> None:
    depends = {
        "code": "b",
        "equivalence": "equal",
        "dependsOn": [{"property": "urn:x", "value": "1"}],
    }
    mapped = fhir_map(element=[{"code": "a", "target": [depends]}])
    assert translate_by([mapped], Coding("urn:here", "a")).matches == ()


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text("abc高血压", min_size=1, max_size=4),
        st.lists(
            st.tuples(
                st.text("xyz糖尿病", min_size=1, max_size=4),
                st.sampled_from(["equivalent", "equal", "wider", "narrower", "inexact"]),
            ),
            min_size=1,
            max_size=3,
        ),
        max_size=6,
    )
)
def test_what_is_translated_there_comes_back(
    table: dict[str, list[tuple[str, str]]],
) -> None:
    elements = {
        code: tuple(Target(to, "", how) for to, how in targets)  # type: ignore[arg-type]
        for code, targets in table.items()
    }
    mapped = ConceptMap(
        url="urn:map", groups=(Group(source="urn:a", target="urn:b", elements=elements),)
    )
    for code in table:
        there = translate_by([mapped], Coding("urn:a", code)).matches
        assert {one.coding.code for one in there} == {to for to, _ in table[code]}
        for one in there:
            back = translate_by([mapped], one.coding, reverse=True).matches
            assert code in {match.coding.code for match in back}
    twice = mapped.turned.turned
    for code, targets in elements.items():
        again = {(one.code, one.equivalence) for one in twice.groups[0].elements[code]}
        assert again == {(one.code, one.equivalence) for one in targets}


# --- what is uploaded ---


def test_an_uploaded_code_system_has_hierarchy_dates_and_properties() -> None:
    of = code_system_of(
        {
            "resourceType": "CodeSystem",
            "url": "urn:ward",
            "status": "active",
            "content": "complete",
            "concept": [
                {
                    "code": "N",
                    "display": "内科",
                    "property": [{"code": "notSelectable", "valueBoolean": True}],
                    "concept": [{"code": "N1", "display": "心内科"}],
                },
                {
                    "code": "W",
                    "display": "外科",
                    "property": [
                        {"code": "effectiveDate", "valueDateTime": "2010-01-01"},
                        {"code": "deprecationDate", "valueDateTime": "2020-06-30"},
                        {"code": "successor", "valueCode": "N1"},
                        {"code": "beds", "valueInteger": 12},
                    ],
                },
                {"code": "X", "property": [{"code": "status", "valueCode": "retired"}]},
            ],
        }
    )
    at = {code: of.position(code) for code in ("N", "N1", "W", "X")}
    assert None not in at.values()
    heart, surgery, retired = at["N1"] or 0, at["W"] or 0, at["X"] or 0
    assert of.is_a(heart, "N")
    assert [of.codes[one] for one in of.selectable] == ["N1", "W", "X"]
    assert of.is_active(surgery, "2020-06-30")
    assert not of.is_active(surgery, "2020-07-01")
    assert of.current("W", TODAY) == ("N1",)
    assert ("beds", 12) in of.properties(surgery, TODAY)
    assert not of.is_active(retired, TODAY)
    assert [of.codes[one] for one in of.search("xnk")] == ["N1"]


def test_a_display_of_several_lines_is_searched_as_one() -> None:
    concepts = [{"code": "a", "display": "第一\n行"}, {"code": "b", "display": "第二行"}]
    of = code_system_of({"resourceType": "CodeSystem", "content": "complete", "concept": concepts})
    assert [of.codes[at] for at in of.search("第二")] == ["b"]
    assert [of.codes[at] for at in of.search("de")] == ["b"]
    assert [of.codes[at] for at in of.search("一 行")] == ["a"]


@pytest.mark.parametrize(
    "broken",
    [
        {"content": "not-present"},
        {"content": "complete", "concept": [{"code": "a"}, {"code": "a"}]},
        {
            "content": "complete",
            "concept": [
                {"code": "a", "property": [{"code": "parent", "valueCode": "b"}]},
                {"code": "b", "property": [{"code": "parent", "valueCode": "a"}]},
            ],
        },
    ],
)
def test_a_code_system_without_codes_with_one_twice_or_in_a_circle_is_refused(
    broken: Resource,
) -> None:
    with pytest.raises(Refused):
        code_system_of({"resourceType": "CodeSystem", "url": "urn:x", **broken})


def test_a_value_set_that_is_only_expanded_is_taken_as_its_list() -> None:
    listed = value_set_of(
        {
            "resourceType": "ValueSet",
            "url": "urn:l",
            "expansion": {
                "contains": [
                    {"system": "urn:s", "code": "1", "display": "一"},
                    {"abstract": True, "contains": [{"system": "urn:s", "code": "2"}]},
                ]
            },
        }
    )
    found = expand_known(listed, Known({}, {}, TODAY), Wanted(on=TODAY))
    assert [one.coding.code for one in found.members] == ["1", "2"]
    with pytest.raises(Refused):
        value_set_of({"resourceType": "ValueSet", "url": "urn:n"})


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_whatever_is_in_an_expansion_is_valid_and_nothing_else(data: st.DataObject) -> None:
    of = built_in(ICD10)
    assert of is not None
    known = Known({ICD10: of}, {}, TODAY)
    tops = st.sampled_from(["E11", "E10-E14", "I10", "A00.0", "C50", "O00-O08", "Z99"])
    ops = st.sampled_from(["is-a", "descendent-of", "is-not-a"])
    first = Filter("concept", "is-a", data.draw(tops))
    second = Filter("concept", data.draw(ops), data.draw(tops))
    compose = ValueSet(url="urn:p", includes=(Include(system=ICD10, filters=(first, second)),))
    expansion = expand_known(compose, known, Wanted(on=TODAY, most=100_000))
    inside = {one.coding.code for one in expansion.members}
    for code in inside:
        assert contains(compose, known, Coding(ICD10, code))
    at = data.draw(st.integers(0, len(of.codes) - 1))
    held = contains(compose, known, Coding(ICD10, of.codes[at]))
    assert held == (of.codes[at] in inside) or of.is_abstract(at)
