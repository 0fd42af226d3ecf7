"""The truth reads back as what was lived and what was sent, on any number of processes."""

from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from minkang.app.synth import Made, Wish, make, world_of
from minkang.synth.dirt.soil import soil
from minkang.synth.outbreaks.request import request
from minkang.synth.truth.columns import TABLES
from tests.synth.simple import plain_life

_TODAY = date(2026, 11, 1)


def _wish(out: Path, processes: int = 1) -> Wish:
    outbreak = request("new-respiratory@auto@2026-02-01")
    return Wish(
        300, out, _TODAY, years=1, processes=processes, formats=("hl7v2",), thin=100,
        outbreaks=(outbreak,),
    )  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, Path]:
    out = tmp_path_factory.mktemp("region")
    return make(_wish(out), plain_life), out


def _rows(out: Path, table: str) -> list[dict[str, object]]:
    found = pq.read_table(out / "truth" / f"{table}.parquet")
    assert found.schema.equals(TABLES[table])
    return list(found.to_pylist())


def test_every_table_is_there_and_says_that_it_is_synthetic(made: tuple[Made, Path]) -> None:
    _, out = made
    for table in TABLES:
        _rows(out, table)
    for notice in (out / "README.md", out / "truth" / "README.md"):
        assert "合成数据" in notice.read_text(encoding="utf-8")
        assert "invented" in notice.read_text(encoding="utf-8")


def test_people_and_visits_are_those_that_were_lived(made: tuple[Made, Path]) -> None:
    told, out = made
    world = world_of(_wish(out))
    lives = [plain_life(world, number) for number in range(told.households)]
    people = {one.key for life in lives for one in life.household.people}
    assert {row["person"] for row in _rows(out, "people")} == people
    visits = {visit.number for life in lives for visit in life.visits}
    assert {row["visit"] for row in _rows(out, "visits")} == visits
    assert {row["visit"] for row in _rows(out, "diagnoses")} == visits


def test_who_is_who_names_each_patient_number_once(made: tuple[Made, Path]) -> None:
    _, out = made
    registered = [
        (row["institution"], row["patient"]) for row in _rows(out, "registrations")
    ]  # fmt: skip
    used = {(row["institution"], row["patient"]) for row in _rows(out, "visits")}
    assert len(registered) == len(set(registered))
    assert set(registered) == used


def test_what_a_register_has_wrong_stands_in_the_dirt(made: tuple[Made, Path]) -> None:
    _, out = made
    stains = {(row["person"], row["institution"]) for row in _rows(out, "dirt")}
    wrong = [row for row in _rows(out, "registrations") if row["name"] != row["true_name"]]
    assert wrong
    assert all((row["person"], row["institution"]) in stains for row in wrong)


def test_messages_are_in_order_and_say_what_to_expect(made: tuple[Made, Path]) -> None:
    told, out = made
    messages = _rows(out, "messages")
    times = [row["at"] for row in messages]
    assert times == sorted(times)  # type: ignore[type-var]
    assert sum(told.expected.values()) == len(messages)
    refused = {row["number"] for row in messages if row["expected"] != "ok"}
    dirty = {row["message"] for row in _rows(out, "dirt")}
    assert refused <= dirty


def test_an_outbreaks_tree_and_its_infections_agree(made: tuple[Made, Path]) -> None:
    told, out = made
    cases = _rows(out, "outbreaks")
    assert len(cases) == sum(told.outbreaks.values())
    struck = {
        (row["person"], row["infector"])
        for row in _rows(out, "infections")
        if row["origin"] == "new-respiratory-1"
    }
    assert {(row["person"], row["infector"]) for row in cases} == struck


def test_indicators_follow_from_what_was_lived(made: tuple[Made, Path]) -> None:
    told, out = made
    rows = {(row["indicator"], row["part"]): row for row in _rows(out, "indicators")}
    adults = 0.0
    for (name, _), row in rows.items():
        if name == "hypertension":
            adults += float(str(row["denominator"]))
    assert 0.75 * told.residents < adults < told.residents
    assert rows["hypertension", "60+"]["value"] > 90  # type: ignore[operator]


def test_any_number_of_processes_makes_the_same_bytes(
    made: tuple[Made, Path], tmp_path: Path
) -> None:
    _, out = made
    make(_wish(tmp_path, processes=2), plain_life)
    first = {path.relative_to(out): path for path in out.rglob("*") if path.is_file()}
    second = {path.relative_to(tmp_path): path for path in tmp_path.rglob("*") if path.is_file()}
    assert first.keys() == second.keys()
    for name, path in first.items():
        assert path.read_bytes() == second[name].read_bytes(), name


def test_thin_lives_follow_the_full_ones(made: tuple[Made, Path]) -> None:
    told, out = made
    thin = pq.read_table(out / "truth" / "thin" / "people.parquet").to_pylist()
    full = {row["person"] for row in _rows(out, "people")}
    assert len(thin) == told.thin > 0
    assert not full & {row["person"] for row in thin}
    assert all(
        row["death"] is None or row["birth"] <= row["death"] < _TODAY + timedelta(days=1)
        for row in thin
    )


def test_nothing_is_dirtied_where_dirt_is_off(tmp_path: Path) -> None:
    wish = Wish(40, tmp_path, _TODAY, years=1, formats=("hl7v2",), dirt="none")
    told = make(wish, plain_life)
    assert told.stains == {}
    assert set(told.expected) == {"ok"}
    assert _rows(tmp_path, "dirt") == _rows(tmp_path, "lost") == []
    assert list(soil(world_of(wish), (), [], print)) == []
