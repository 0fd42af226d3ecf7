"""The dirty registers: seeded, true to their mix, and told truly."""

from collections import Counter, defaultdict

from minkang.app.linkage_trial import Trial, rows_of
from minkang.identity.id_number import parse_id_number
from minkang.synth.dirt.registers.mix import MIXES
from tests.identity.linkage.registers import some_rows


def test_the_same_wish_gives_the_same_rows() -> None:
    assert tuple(rows_of(Trial("development", 600, 3))) == some_rows()
    assert tuple(rows_of(Trial("judging", 600, 3))) != some_rows()


def test_everybody_is_registered_two_or_three_times_in_different_institutions() -> None:
    persons = defaultdict(list)
    for row in some_rows():
        persons[row.truth].append(row.institution)
    assert len(persons) >= 600
    assert {len(found) for found in persons.values()} == {2, 3}
    assert all(len(set(found)) == len(found) for found in persons.values())
    assert len({row.id for row in some_rows()}) == len(some_rows())


def test_dirt_has_the_shares_of_its_mix() -> None:
    rows = some_rows(4000, 5)
    counts = Counter(cause for row in rows for cause in row.causes)
    mix = MIXES["development"]
    names = sum(count for cause, count in counts.items() if cause.startswith("name-"))
    shared = sum(counts[f"id-{kind}"] for kind in ("guardian", "spouse", "borrowed", "card"))
    wrong = counts["id-typo"] + counts["id-wrong"]
    assert abs(counts["id-missing"] / len(rows) - mix.id_missing) < 0.01
    assert abs(wrong / len(rows) - mix.id_wrong) < 0.006
    assert abs(shared / len(rows) - mix.id_shared) < 0.004
    assert abs(names / len(rows) - mix.name_variant) < 0.02
    assert abs(counts["phone-changed"] / len(rows) - mix.phone_changed) < 0.02
    for planted in ("name-newborn", "name-pinyin", "unknown", "id-wrong", "id-card", "moved"):
        assert counts[planted] > 0, planted


def test_most_wrong_numbers_are_caught_by_the_check_character() -> None:
    numbers = {row.truth: row.id_number for row in some_rows(4000, 5) if not row.causes}
    typed = [row for row in some_rows(4000, 5) if "id-typo" in row.causes]
    unseen = [row for row in some_rows(4000, 5) if "id-wrong" in row.causes]
    assert len(typed) > len(unseen) > 0
    assert all(parse_id_number(row.id_number) is None for row in typed)
    assert all(parse_id_number(row.id_number) for row in unseen)
    assert all(row.id_number != numbers.get(row.truth) for row in (*typed, *unseen))


def test_twins_and_namesakes_have_numbers_of_their_own() -> None:
    rows = some_rows(4000, 5)
    clean = {row.truth: row for row in rows if row.id_number and not row.causes}
    planted = [key for key in clean if key.endswith(("-twin", "-namesake"))]
    assert {key.rsplit("-", 1)[1] for key in planted} == {"twin", "namesake"}
    for key in planted:
        other = clean.get(key.rsplit("-", 1)[0])
        if other is not None:
            assert other.birth_date == clean[key].birth_date
            assert other.id_number != clean[key].id_number
            assert (other.name == clean[key].name) == key.endswith("-namesake")
