"""What a mapping file may say: every leaf, every condition, and what is wrong with one."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.exchange.mappings import Context, map_message
from minkang.exchange.mappings.tables import MappingError, encode_row, load_mapping
from minkang.exchange.mappings.tables.convert import as_date, as_datetime, as_quantity, moment_of
from minkang.exchange.mappings.tables.generate import filled, listed, row_function
from minkang.exchange.mappings.tables.rows import WITHDRAWN
from minkang.exchange.merge import Contribution
from minkang.fhir import Refused, date_range
from tests.exchange.conftest import YUNXI

ABO = "urn:oid:2.16.156.10011.2.3.1.85"
HEAD = "table: t\nrow: no\nchanged: at\nresources:\n"


def contributions(mapping: str, /, **row: str | None) -> list[Contribution]:
    source = msgspec.structs.replace(YUNXI, table_mapping="own", mapping_text=mapping)
    context = Context(source, b"k" * 32, datetime(2026, 5, 3, tzinfo=UTC), b"h" * 32)
    return map_message(context, "table", encode_row({"no": "1", "at": "2026-05-01", **row}))


def made(node: str, **row: str | None) -> Any:
    """What one element becomes."""
    rule = f'  - type: Basic\n    number: "{{no}}"\n    set:\n      made: {node}\n'
    return contributions(HEAD + rule, **row)[0].resource.get("made")


def rules(node: str, **row: str | None) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refusal:
        made(node, **row)
    return [(one.place, one.rule) for one in refusal.value.problems]


@pytest.mark.parametrize(
    ("form", "text", "value"),
    [
        ("boolean", "是", True),
        ("boolean", "无", False),
        ("boolean", "Y", True),
        ("boolean", "0", False),
        ("time", "9:05", "09:05:00"),
        ("time", "2026-05-01 23:59:59", "23:59:59"),
        ("date", "1960/01/02 10:00", "1960-01-02"),
        ("date", "1960/1/2", "1960-01-02"),
        ("date", "1960年1月2日", "1960-01-02"),
        ("datetime", "2026-5-1 9:30", "2026-05-01T09:30:00+08:00"),
        ("datetime", "2026-05-01T09:30:00.25+00", "2026-05-01T09:30:00+00:00"),
        ("datetime", "2026-05-01 09:30:00 +0800", "2026-05-01T09:30:00+08:00"),
        ("datetime", "20260501093015", "2026-05-01T09:30:15+08:00"),
        ("datetime", "20260501 09:30", "2026-05-01T09:30:00+08:00"),
        ("datetime", "2026年5月1日 9:30", "2026-05-01T09:30:00+08:00"),
        ("datetime", "2026.05.01", "2026-05-01"),
        ("integer", "12", 12),
        ("quantity", "<0.10 mmol/L", {"comparator": "<", "value": Decimal("0.10")}),
    ],
)
def test_a_text_becomes_what_its_form_says(form: str, text: str, value: Any) -> None:
    found = made(f"{{column: c, as: {form}}}", c=text)
    if isinstance(value, dict):
        assert found == {
            **value,
            "unit": "mmol/L",
            "system": "http://unitsofmeasure.org",
            "code": "mmol/L",
        }
    else:
        assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("leaf", "text", "rule"),
    [
        ("as: boolean", "也许", "boolean"),
        ("as: time", "25:00", "time-of-day"),
        ("as: date", "2026-02-30", "calendar-date"),
        ("as: datetime", "2026-05-01 24:00:00", "calendar-date"),
        ("as: decimal", "1_0", "number"),
        ("as: decimal, unit: mmHg", "16 kPa", "unit"),
        ("as: quantity", "120/80mmHg", "number"),
        ("as: quantity", "120 /80mmHg", "number"),
        ("as: quantity", "3.9-6.1", "number"),
        ("as: quantity", "6.8↑", "number"),
        ('table: CV04.50.005, strict: "x"', "熊猫血", ""),
        ("table: CV04.50.005, strict: true", "熊猫血", "code"),
    ],
)
def test_a_text_that_does_not_fit_is_refused(leaf: str, text: str, rule: str) -> None:
    if rule:
        assert rules(f"{{column: c, {leaf}}}", c=text) == [("行 no=1，列 c", rule)]
    else:
        assert made(f"{{column: c, {leaf}}}", c=text)


def test_a_unit_behind_a_number_is_the_mappings() -> None:
    assert made("{column: c, as: decimal, unit: mmHg}", c="120 mmhg") == 120
    assert made("{column: c, unit: mmol/L}", c="6.80")["value"] == Decimal("6.80")


def test_a_code_table_gives_a_coding_by_code_or_name_and_keeps_what_it_lacks() -> None:
    node = "{coding: {column: c, table: CV04.50.005}, text: {column: c}}"
    a = {"system": ABO, "code": "1", "display": "A型"}
    assert made(node, c="1")["coding"] == made(node, c="A型")["coding"] == [a]
    own = {"system": "urn:minkang:source:yunxi:code:CV04.50.005", "code": "熊猫 血"}
    assert made(node, c="熊猫  血")["coding"] == [own]
    assert made(node, c=None) is None


def test_codings_of_a_table_stand_beside_others() -> None:
    node = "[{system: x, code: {column: c}}, {column: c, table: CV04.50.005}]"
    assert [one["system"] for one in made(node, c="1")] == ["x", ABO]


def test_a_column_of_many_values_becomes_a_list() -> None:
    node = (
        '{column: c, split: "[、,，;；]", each: '
        "{code: {coding: {item: true, table: icd10-cn}, text: {item: true}}}}"
    )
    found = made(node, c="I10.x00、 头晕 ;; ")
    assert [one["code"]["text"] for one in found] == ["I10.x00", "头晕"]
    assert found[0]["code"]["coding"][0]["system"] == "urn:oid:2.16.156.10011.2.3.3.11"
    assert made(node, c=None) is None
    assert made('{column: c, split: "、", each: {item: true}}', c="甲、乙") == ["甲", "乙"]
    entries = '{column: c, split: "、", each: {item: {display: {item: true}}}}'
    assert made(entries, c="甲") == [{"item": {"display": "甲"}}]


@pytest.mark.parametrize(
    ("when", "row", "is_made"),
    [
        ("c", {"c": "x"}, True),
        ("c", {"c": None}, False),
        ("c=1|2", {"c": "2"}, True),
        ("c=1|2", {"c": "3"}, False),
        ("c!=1|2", {"c": None}, True),
        ("c!=1|2", {"c": "1"}, False),
        ("[c, d=1]", {"c": "x", "d": "1"}, True),
        ("[c, d=1]", {"c": None, "d": "1"}, False),
        ("absent", {}, False),
    ],
)
def test_a_resource_is_made_when_all_conditions_hold(
    when: str, row: dict[str, str | None], is_made: bool
) -> None:
    rule = f'  - type: Basic\n    number: "{{no}}"\n    when: {when}\n    set: {{a: b}}\n'
    assert bool(contributions(HEAD + rule, **row)) == is_made


def test_a_repeated_resource_is_made_for_every_filled_number() -> None:
    rule = """\
  - type: MedicationRequest
    repeat: 5
    when: drug{n}_name
    number: "{no}/{n}"
    set:
      medicationCodeableConcept: {text: {column: "drug{n}_name"}}
      note: [{text: "第{n}种"}]
"""
    found = contributions(HEAD + rule, drug1_name="甲", drug2_name=None, drug3_name="乙")
    assert [one.resource["note"] for one in found] == [[{"text": "第1种"}], [{"text": "第3种"}]]
    assert len({one.key for one in found}) == 2


def test_references_go_by_type_by_name_and_by_number() -> None:
    rule = """\
  - {type: Patient, name: mother, number: "{m}", set: {active: true}}
  - {type: Patient, when: c, number: "{c}", set: {link: [{other: {reference: mother}}]}}
  - type: Basic
    number: "{no}"
    set:
      one: {reference: Patient}
      two: {reference: mother}
      three: {reference: Patient, number: "{m}"}
      four: {reference: Encounter, number: "{visit}"}
"""
    mother, child, basic = (one.resource for one in contributions(HEAD + rule, m="M", c="C"))
    assert child["link"][0]["other"]["reference"] == f"Patient/{mother['id']}"
    assert basic["one"]["reference"] == f"Patient/{child['id']}"
    assert basic["two"] == basic["three"] == {"reference": f"Patient/{mother['id']}"}
    assert "four" not in basic
    without = contributions(HEAD + rule, m="M", c=None)[1].resource
    assert without["one"]["reference"] == f"Patient/{mother['id']}"


DELETED = """\
table: t
row: no
changed: at
deleted: {column: gone, values: ["1", 是]}
resources:
  - {type: Patient, number: "{who}", set: {active: true}}
  - {type: Encounter, number: "{no}", set: {status: finished}}
  - {type: Observation, number: "{no}/sbp", when: sbp, set: {status: final}}
"""


def test_a_deleted_row_withdraws_what_is_its_own_alone() -> None:
    kept = contributions(DELETED, who="W", gone=None, sbp="120")
    gone = contributions(DELETED, who="W", gone="是", sbp=None)
    assert [one.key for one in gone] == [one.key for one in kept[1:]]
    assert all(one.withdrawn and one.order == kept[0].order for one in gone)
    vanished = contributions(DELETED, who="W", gone=None, sbp=None, **{WITHDRAWN: "2026-06-01"})
    assert {one.key for one in vanished} == {one.key for one in gone}
    assert vanished[0].order > gone[0].order


def test_what_was_made_twice_shares_nothing_that_could_be_changed() -> None:
    rule = '  - {type: Basic, number: "{no}", set: {a: {b: [c]}, o: $institution}}\n'
    mapping = HEAD + rule + rule.replace('"{no}"', '"{no}/2"')
    one, two = contributions(mapping)
    assert one.resource["a"] == two.resource["a"]
    assert one.resource["a"] is not two.resource["a"]
    assert one.resource["o"] is not two.resource["o"]


_WORDS = """\
words:
  - columns: [c, d]
    codes: {1: 无, "2": 有}
"""


def test_a_number_of_the_form_is_read_as_the_file_says() -> None:
    rule = """\
  - type: Basic
    number: "{no}"
    set:
      made: {coding: [{code: {column: c}}], text: {column: c, as: words}}
      split: {column: d, split: 、, each: {item: true, as: words}}
      free: {column: e, as: words}
"""
    head = HEAD.replace("resources:", _WORDS + "resources:")
    (one,) = contributions(head + rule, c="2", d="1、头痛、2", e="1")
    assert one.resource["made"] == {"coding": [{"code": "2"}], "text": "有"}
    assert one.resource["split"] == ["无", "头痛", "有"]
    assert one.resource["free"] == "1"
    (empty,) = contributions(head + rule, c=None, d=None, e=None)
    assert not empty.resource.keys() & {"made", "split", "free"}


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("words: x\n", "words: must be a list"),
        ("words: [{columns: [c]}]\n", "codes: is missing"),
        ("words: [{columns: [], codes: {a: b}}]\n", "columns: must be a list"),
        ("words: [{columns: [c], codes: 1}]\n", "codes: must be a mapping"),
        ("words: [{columns: [c, c], codes: {a: b}}]\n", "'c' stands twice"),
        ("words: [{columns: [x], codes: {a: b}}]\n", "no leaf `as: words` reads 'x'"),
    ],
)
def test_words_that_are_wrong_are_told(words: str, error: str, tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    rule = '  - {type: Basic, number: "{no}", set: {a: {column: c, as: words}}}\n'
    file.write_text(HEAD.replace("resources:", words + "resources:") + rule, encoding="utf-8")
    with pytest.raises(MappingError, match=re.escape(error)):
        load_mapping(file)


def test_a_mapping_without_time_of_change_orders_by_arrival() -> None:
    rule = '  - {type: Basic, number: "{no}", set: {a: {column: c}}}\n'
    (one,) = contributions(HEAD.replace("changed: at\n", "") + rule, c="x")
    assert one.order.micros == int(datetime(2026, 5, 3, tzinfo=UTC).timestamp()) * 1_000_000


_RULE = """\
  - type: Basic
    number: "{no}"
    set:
      made: {column: c}
"""


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (("{column: c}", "{column: c, table: CV99}"), "m.yaml:8: table: 'CV99' is no code table"),
        (("{column: c}", "{item: true}"), "m.yaml:8: item: stands only under each"),
        (("{column: c}", '{column: c, split: "[", each: x}'), "m.yaml:8: split: "),
        (("{column: c}", "{column: c, as: date, codes: {a: b}}"), "exclude one another"),
        (("{column: c}", "{column: c, as: date, unit: g}"), "m.yaml:8: unit: belongs to"),
        (("{column: c}", "{column: c, default: x}"), "m.yaml:8: default: is not known here"),
        (("{column: c}", '{template: "{c!r}"}'), "no format of it"),
        (("{column: c}", "{reference: mother}"), "m.yaml:8: reference: no mother above"),
        (("Basic\n", "Basic\n    repeat: 3\n"), "m.yaml:5: when: is missing beside repeat"),
        (("Basic\n", "Basic\n    repeat: 3\n    when: c\n"), "must hold {n}"),
        (("Basic\n", "Basic\n    repeat: 999\n"), "must be a number from 1 to 50"),
        (("Basic\n", "Basic\n    when: '=1'\n"), "names no column"),
        (("Basic\n", "Basic\n    name: Patient\n"), "m.yaml:5: name: 'Patient' is a type"),
        (("{column: c}", ".nan"), "nan is no number"),
        (("{column: c}", "!!binary aGk="), "b'hi' can't stand here"),
        (("{column: c}", "!!python/object:os.system {}"), "m.yaml: "),
        (("{column: c}", "&a {b: *a}"), "an alias can't stand here"),
        (("{column: c}", "[" * 60 + "]" * 60), "nested too deeply"),
        (("table: t\n", "table: t\ndeleted: {column: c, values: []}\n"), "deleted"),
    ],
)
def test_a_wrong_mapping_is_refused_with_line_and_field(
    change: tuple[str, str], error: str
) -> None:
    with pytest.raises(MappingError) as refusal:
        load_mapping(Path("m.yaml"), (HEAD + _RULE).replace(*change))
    assert error.replace("deleted", "values") in str(refusal.value)


_values = st.one_of(st.none(), st.sampled_from(["1", "A型", "2026-05-01 09:30:00", "x、y"]))
_leaves = st.sampled_from(
    ["{column: a}", "{column: b}", '{template: "{a}-{b}"}', "k", "{column: a, table: CV04.50.005}"]
)
_nodes = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda items: "{" + ", ".join(f"m{n}: {one}" for n, one in enumerate(items)) + "}"
        ),
    ),
    max_leaves=8,
)


def _has_empty(node: Any) -> bool:
    if isinstance(node, dict):
        return filled(node) != node or any(_has_empty(one) for one in node.values())
    if isinstance(node, list):
        return listed(node) != node or any(_has_empty(one) for one in node)
    return node is None


@settings(max_examples=80, deadline=None)
@given(_nodes, _values, _values)
def test_nothing_empty_is_left_and_no_column_is_lost(
    node: str, a: str | None, b: str | None
) -> None:
    found = made(f"{{x: {node}}}", a=a, b=b)
    assert found is None or not _has_empty(found)
    for column, text in (("{column: a}", a), ("{column: b}", b)):
        if text is not None and column in node:
            assert text in str(found)


_times = st.datetimes(datetime(1800, 1, 1), datetime(9000, 1, 1))  # noqa: DTZ001 - local times


@settings(max_examples=100, deadline=None)
@given(_times, st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"]))
def test_a_time_is_read_as_the_moment_it_is(moment: datetime, form: str) -> None:
    plain = moment.replace(microsecond=0)
    text = plain.strftime(form).rjust(19, "0")
    assert as_datetime(text) == f"{plain.isoformat()}+08:00"
    assert moment_of(text) == date_range(as_datetime(text)).low
    assert as_date(text[:10]) == plain.date().isoformat()


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=24))
def test_no_text_breaks_a_form(text: str) -> None:
    for convert in (as_date, as_datetime, lambda value: as_quantity(value, "mmHg")):
        try:
            convert(text)
        except ValueError:
            continue


_TEXT = (HEAD + _RULE).replace(
    "{column: c}",
    '{a: {column: c, as: date}, b: {column: c, split: "、", each: {item: true}}, '
    'c: {reference: Patient, number: "{no}"}, d: [$institution, {template: "{c}x"}]}',
)
_PIECES = st.sampled_from(["", " ", "{", "}", "'", ":", "column: ", "{n}", "&a ", "\n", "\0", "é"])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(_TEXT)), st.integers(0, 9), _PIECES), max_size=2))
def test_a_damaged_mapping_is_refused_or_works(changes: list[tuple[int, int, str]]) -> None:
    text = _TEXT
    for at, length, piece in changes:
        text = text[:at] + piece + text[at + length :]
    with suppress(MappingError):
        row_function(load_mapping(Path("m.yaml"), text))
