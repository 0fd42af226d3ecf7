"""Follow-up forms: what is read from them, what is wrong with answers, what the norm advises."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from minkang.fhir.validate import validate
from minkang.record.due import services
from minkang.record.questionnaires import Answers, FormBroken, form_of, forms, read_answers
from minkang.record.questionnaires.chronic import Past, advise, faults
from minkang.record.questionnaires.definitions import read_form
from minkang.record.questionnaires.extract import resources_of, standing_of
from minkang.record.questionnaires.responses import fields_said, response_of
from minkang.record.questionnaires.rules import advice_on, faults_in
from minkang.record.writing.about import About, provenance_of
from minkang.record.writing.notes import Note, clean, composition_of, note_of

TODAY = date(2026, 11, 23)
PAST = Past(50, "", TODAY)
ABOUT = About(
    key="0" * 31 + "1",
    version=0,
    patient="p1",
    institution="MK1",
    institution_name="海滨人民医院",
    account="a1",
    account_name="王海燕",
    start="2026-11-23T09:00:00+08:00",
    now=datetime(2026, 11, 23, 1, tzinfo=UTC),
)
WELL = {
    "date": "2026-11-23",
    "way": "1",
    "symptoms.1": "1",
    "systolic": "132",
    "diastolic": "84",
    "adherence": "1",
    "reaction": "1",
    "complication": "1",
    "class": "1",
    "referral": "1",
    "next": "2027-02-20",
}


def read(key: str = "hypertension-followup", **typed: str) -> Answers:
    form = form_of(key)
    assert form is not None
    return read_answers(form, {**WELL, **{n.replace("_", "-"): t for n, t in typed.items()}})


def rules(answers: Answers, past: Past = PAST) -> set[tuple[str, str]]:
    return {(one.field, one.rule) for one in (*answers.faults, *faults(answers, past))}


def test_the_forms_of_the_release_are_sound_and_say_everything_in_both_languages() -> None:
    assert {form.code for form in forms().values()} == {
        "HSDB01.02", "HSDB01.03", "HSDB02.03", "HSDB02.04", "HSDB04.01", "HSDB04.02", "",
    }  # fmt: skip
    for form in forms().values():
        for item in form.each():
            assert item.words.zh
            assert item.words.en, item.link
            assert all(option.words.en for option in item.options), item.link


@pytest.mark.parametrize(
    ("item", "place"),
    [
        ('{"linkId": "a", "type": "quantity", "text": "x"}', "a.type"),
        ('{"linkId": "a", "type": "choice", "text": "x"}', "a.answerOption"),
        (
            (
                '{"linkId": "a", "type": "string", "text": "x", "enableWhen":'
                ' [{"question": "b", "operator": "=", "answerCoding": {"code": "1"}}]}'
            ),
            "a.enableWhen",
        ),
    ],
)
def test_a_questionnaire_that_is_not_understood_is_refused_by_its_item(
    item: str, place: str
) -> None:
    body = (
        '{"resourceType": "Questionnaire", "id": "x", "url": "urn:x", "version": "1",'
        f' "title": "x", "code": [{{"code": "x"}}], "item": [{item}]}}'
    )
    with pytest.raises(FormBroken, match=place):
        read_form(body.encode())


def test_a_form_filled_as_the_norm_wants_has_no_fault() -> None:
    assert rules(read()) == set()


@pytest.mark.parametrize(
    ("field", "text", "rule"),
    [
        ("systolic", "", "required"),
        ("systolic", "abc", "no-number"),
        ("systolic", "１３２", "no-number"),
        ("systolic", "1e2", "no-number"),
        ("systolic", "132.5", "no-whole-number"),
        ("systolic", "49", "too-low"),
        ("systolic", "301", "too-high"),
        ("weight", "70.25", "too-precise"),
        ("date", "2026-02-30", "no-date"),
        ("date", "2026-11-24", "date-ahead"),
        ("date", "2025-11-01", "date-too-old"),
        ("class", "9", "no-such-option"),
        ("next", "2026-11-23", "next-not-after"),
        ("next", "2027-02-24", "next-within"),
        ("tests", "长" * 201, "too-long"),
    ],
)
def test_an_answer_that_cannot_be_is_told_at_its_field(field: str, text: str, rule: str) -> None:
    assert (field, rule) in rules(read(**{field: text}))


def test_no_symptoms_goes_with_no_other_symptom() -> None:
    answers = read_answers(read().form, {**WELL, "symptoms.2": "2"})
    assert ("symptoms", "not-together") in rules(answers)


def test_what_is_not_asked_is_not_wanted_and_not_kept() -> None:
    answers = read(**{"reaction-words": "干咳"})
    assert "reaction-words" not in answers.values
    assert rules(answers) == set()
    asked = read(reaction="2")
    assert ("reaction-words", "required") in rules(asked)


def test_pressures_the_wrong_way_round_are_noticed() -> None:
    assert ("diastolic", "diastolic") in rules(read(systolic="84", diastolic="132"))


@pytest.mark.parametrize(
    ("age", "systolic", "diastolic", "suggested"),
    [
        (50, "139", "89", "1"),
        (50, "140", "80", "2"),
        (50, "120", "90", "2"),
        (64, "145", "80", "2"),
        (65, "149", "89", "1"),
        (65, "150", "80", "2"),
        (None, "145", "80", "2"),
    ],
)
def test_controlled_is_below_140_90_and_from_65_below_150_90(
    age: int | None, systolic: str, diastolic: str, suggested: str
) -> None:
    answers = read(systolic=systolic, diastolic=diastolic)
    assert advise(answers, Past(age, "", TODAY)).suggested == suggested


def test_what_was_measured_and_the_class_must_agree() -> None:
    high = read(systolic="160", next="2026-12-05")
    assert ("class", "not-controlled") in rules(high)
    assert ("class", "controlled") in rules(read(**{"class": "2"}, next="2026-12-05"))
    assert ("class", "reaction") in rules(
        read(reaction="2", next="2026-12-05", **{"reaction-words": "干咳"})
    )


def test_who_is_not_controlled_is_seen_again_within_a_fortnight() -> None:
    high = {"systolic": "160", "class": "2"}
    assert rules(read(**high, next="2026-12-07")) == set()
    assert ("next", "next-within") in rules(read(**high, next="2026-12-08"))


def test_the_second_time_running_a_referral_is_advised() -> None:
    answers = read(systolic="160", **{"class": "2"}, next="2026-12-07")
    assert advise(answers, PAST).refer == ""
    again = advise(answers, Past(50, "2", TODAY))
    assert (again.refer, again.why) == ("advised", ("twice",))


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"systolic": "180"}, "pressure"),
        ({"diastolic": "110"}, "pressure"),
        ({"danger.5": "5"}, "danger"),
    ],
)
def test_an_emergency_is_referred_at_once(typed: dict[str, str], why: str) -> None:
    answers = read_answers(read().form, {**WELL, **typed})
    found = advise(answers, PAST)
    assert found.refer == "now"
    assert why in found.why
    assert ("referral", "refer") in rules(answers)


@pytest.mark.parametrize(("fasting", "class_"), [("6.9", "1"), ("7.0", "2")])
def test_sugar_is_controlled_below_seven(fasting: str, class_: str) -> None:
    assert advise(read("diabetes-followup", fasting=fasting), PAST).suggested == class_


@pytest.mark.parametrize("fasting", ["16.7", "3.9"])
def test_much_too_high_and_too_low_sugar_is_an_emergency(fasting: str) -> None:
    assert advise(read("diabetes-followup", fasting=fasting), PAST).refer == "now"


FULL = {
    "symptoms.1": "",
    "symptoms.2": "2",
    "symptoms.9": "9",
    "weight": "70.5",
    "height": "168",
    "reaction": "2",
    "reaction-words": "干咳 <b>",
    "class": "3",
    "medicine-name.0": "苯磺酸氨氯地平片",
    "medicine-times.0": "1",
    "medicine-dose.0": "5mg",
    "medicine-name.2": "缬沙坦胶囊",
    "referral": "2",
    "referral-reason": "药物不良反应",
    "referral-to": "海滨人民医院心内科",
    "next": "2026-12-05",
}


def full() -> Answers:
    answers = read_answers(read().form, {**WELL, **FULL})
    assert rules(answers) == set()
    return answers


def test_a_response_read_back_says_what_was_typed() -> None:
    answers = full()
    response = response_of(answers, ABOUT)
    assert validate(response) == []
    typed = {name: text for name, text in {**WELL, **FULL}.items() if text}
    # Rows without anything between are closed up, nothing else moves.
    said = fields_said(answers.form, response)
    assert said["medicine-name.1"] == "缬沙坦胶囊"
    again = read_answers(answers.form, said)
    assert again.faults == ()
    assert {n: t for n, t in said.items() if not n.startswith("medicine")} == {
        n: t for n, t in typed.items() if not n.startswith("medicine")
    }


def test_what_a_form_says_are_sound_resources_of_the_record() -> None:
    made = resources_of(full(), ABOUT)
    for one in (*made, provenance_of(ABOUT, [("Composition", made[-1]["id"])])):
        assert validate(one) == [], one["id"]
    by_id = {one["id"].removeprefix(f"{ABOUT.key}-"): one for one in made}
    pressure = by_id["pressure"]
    assert [one["valueQuantity"]["value"] for one in pressure["component"]] == [132, 84]
    assert by_id["bmi"]["valueQuantity"]["value"] == Decimal("25.0")
    assert by_id["medicine3"]["medicationCodeableConcept"]["text"] == "缬沙坦胶囊"
    assert "medicine2" not in by_id
    assert by_id["next"]["occurrenceDateTime"] == "2026-12-05"
    assert by_id["referral"]["reasonCode"] == [{"text": "药物不良反应"}]
    assert by_id["document"]["type"]["coding"][0]["code"] == "HSDB04.01"
    standing = standing_of(full().form, ABOUT)
    assert {kind for kind, _ in standing} == {"Condition", "EpisodeOfCare"}
    linked = {e["reference"] for s in by_id["document"]["section"] for e in s["entry"]}
    parts = {f"{one['resourceType']}/{one['id']}" for one in made[:-1]}
    assert parts - linked == {f"Encounter/{ABOUT.key}-visit"}


NEWBORN = {
    "date": "2026-11-23", "way": "2", "weight": "3.6", "feeding": "1", "temperature": "36.8",
    "heart-rate": "132", "breaths": "42", "face": "1", "jaundice": "1", "exam": "1",
    "guidance.1": "1", "referral": "1", "next": "2026-12-14",
}  # fmt: skip
CHILD = {
    "date": "2026-11-23", "stage": "1", "weight": "7.8", "height": "66.5", "growth-judged": "1",
    "feeding": "2", "exam": "1", "development": "1", "illness": "1", "guidance.1": "1",
    "haemoglobin": "118", "referral": "1", "next": "2027-02-21",
}  # fmt: skip
MOTHER = {
    "date": "2026-11-23", "way": "2", "systolic": "118", "diastolic": "72", "temperature": "36.7",
    "delivered": "2026-11-14", "mind": "1", "breasts": "1", "lochia": "1", "womb": "1",
    "wound": "1", "class-mother": "1", "guidance.4": "4", "referral": "1", "next": "2026-12-26",
}  # fmt: skip
OLD = {
    "date": "2026-11-23", "way": "1", "symptoms.1": "1", "systolic": "138", "diastolic": "82",
    "heart-rate": "72", "height": "160", "weight": "61", "self-rated": "2", "self-care": "1",
    "memory": "1", "mood": "1", "fasting": "5.6", "ecg": "1", "judged-as": "1",
    "guidance.4": "4", "referral": "1",
}  # fmt: skip
CHECKS = {
    "newborn-visit": NEWBORN,
    "child-checkup": CHILD,
    "postnatal-visit": MOTHER,
    "postnatal-42": {n: t for n, t in MOTHER.items() if n not in ("temperature", "next")},
    "elderly-checkup": OLD,
}
BORN = date(2026, 5, 20)


def check(key: str, **typed: str) -> tuple[set[tuple[str, str]], Answers, str, tuple[str, ...]]:
    """Faults, answers, and what of a referral is advised for a form of `CHECKS`."""
    form = form_of(key)
    assert form is not None
    given = CHECKS[key] | {name.replace("_", "-"): text for name, text in typed.items()}
    answers = read_answers(form, given)
    past = Past(0, "", TODAY, BORN)
    found: set[tuple[str, str]] = {
        (one.field, one.rule) for one in (*answers.faults, *faults_in(answers, past))
    }
    advice = advice_on(answers, past)
    return found, answers, advice.refer, advice.why


@pytest.mark.parametrize("key", list(CHECKS))
def test_a_check_up_or_visit_becomes_sound_resources_and_comes_back_as_typed(key: str) -> None:
    wrong, answers, refer, _ = check(key)
    assert (wrong, refer) == (set(), "")
    made = resources_of(answers, ABOUT)
    response = response_of(answers, ABOUT)
    for one in (*made, response):
        assert validate(one) == [], one["id"]
    assert fields_said(answers.form, response) == CHECKS[key]
    done = {name for service in services() if service.form == key for name in service.done}
    about = made[-1]["type"]
    assert done & {about["text"], *(one["code"] for one in about.get("coding", []))}
    assert standing_of(answers.form, ABOUT) == set()
    assert "episodeOfCare" not in made[0]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"temperature": "37.5"}, "temperature"),
        ({"temperature": "35.5"}, "temperature"),
        ({"breaths": "61"}, "breaths"),
        ({"heart_rate": "99"}, "heart"),
        ({"face": "4"}, "colour"),
        ({"jaundice": "5"}, "colour"),
    ],
)
def test_a_newborn_in_danger_is_referred_at_once(typed: dict[str, str], why: str) -> None:
    wrong, _, refer, found = check("newborn-visit", **typed)
    assert refer == "now"
    assert why in found
    assert ("referral", "refer") in wrong


@pytest.mark.parametrize(
    ("key", "typed", "fault"),
    [
        ("child-checkup", {"stage": "2"}, ("stage", "stage")),
        ("postnatal-visit", {"delivered": "2026-11-24"}, ("delivered", "delivered-after")),
        ("postnatal-visit", {"womb": "2", "womb-words": "复旧不佳"}, ("class-mother", "judged")),
        ("elderly-checkup", {"ecg": "2", "ecg-words": "房颤"}, ("judged-as", "judged")),
        ("elderly-checkup", {"diastolic": "139"}, ("diastolic", "diastolic")),
        ("newborn-visit", {"date": "2026-11-24"}, ("date", "date-ahead")),
        ("newborn-visit", {"next": "2026-11-23"}, ("next", "next-not-after")),
        ("newborn-visit", {"weight": "36"}, ("weight", "too-high")),
    ],
)
def test_what_does_not_fit_together_is_noticed(
    key: str, typed: dict[str, str], fault: tuple[str, str]
) -> None:
    assert fault in check(key, **typed)[0]


@pytest.mark.parametrize(
    ("key", "typed", "why"),
    [
        ("child-checkup", {"haemoglobin": "109"}, "anaemia"),
        ("child-checkup", {"growth_judged": "5"}, "abnormal"),
        ("postnatal-visit", {"mind": "2"}, "abnormal"),
        ("postnatal-visit", {"temperature": "38"}, "fever"),
        ("elderly-checkup", {"memory": "2"}, "abnormal"),
    ],
)
def test_what_was_found_is_advised_to_be_seen(key: str, typed: dict[str, str], why: str) -> None:
    _, _, refer, found = check(key, **typed)
    assert (refer, found) == ("advised", (why,))


@pytest.mark.parametrize(
    "text", ["一行", "一行\n\n三行", '<script>alert(1)</script> & "x"', "\x00a\x0bb\r\nc", "]]>"]
)
def test_a_note_comes_back_as_it_was_typed_and_is_only_text(text: str) -> None:
    note = Note(kind="progress", title="<b>标题</b>", text=clean(text), visit="v1")
    made = composition_of(note, ABOUT)
    assert validate(made) == []
    assert "<script" not in made["section"][0]["text"]["div"]
    assert note_of(made) == note
