"""`minkang register`, on the extract of a practice region: tried, taken in, counted."""

import csv
import json
import os
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from minkang.app.demonstration.register import soil_extract
from minkang.cli import main
from minkang.crypto import load_keys
from minkang.synth.people import households, population_rows
from minkang.synth.people.register import COLUMNS
from minkang.synth.place import build_place
from minkang.synth.record import Person, World

SOURCE = "renkou-population-register"
TODAY = date(2026, 11, 20)
WORLD = World(7, date(2016, 11, 20), TODAY, build_place(7))
HOUSEHOLDS = list(households(WORLD, range(80)))
PEOPLE = [person for one in HOUSEHOLDS for person in one.people]
SOURCES = f"""
- id: {SOURCE}
  name: 全员人口信息系统
  organisation: MK371098
  channels: [table]
  table_mapping: population_register
"""


@pytest.fixture(scope="module")
def home(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An installation with the register as its only source."""
    made = tmp_path_factory.mktemp("home")
    load_keys(made / "keys", create=True)
    before = dict(os.environ)
    os.environ["MINKANG_HOME"], os.environ["MINKANG_DATABASE_URL"] = str(made), database_url
    (made / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    assert main(["sources", str(made / "sources.yaml")]) == 0
    yield made
    os.environ.clear()
    os.environ.update(before)


def rows() -> list[dict[str, str]]:
    return list(population_rows(WORLD, HOUSEHOLDS))


def written(folder: Path, given: list[dict[str, str]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "population_register.csv"
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(given)
    return file


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = main(["register", *words, "--json"])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, found


def sexes(people: list[Person], day: date) -> Counter[str]:
    return Counter("male" if one.sex == "M" else "female" for one in people if one.here(day))


def test_an_extract_is_tried_then_taken_in_and_counts_as_the_region_knows(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(written(home / "extract", rows()))
    code, tried = told(capsys, "import", file, "--source", SOURCE)
    assert (code, tried["new"], tried["refused"], tried["unchanged"]) == (0, len(PEOPLE), 0, 0)
    _, counted = told(capsys, "denominators")
    assert counted["cells"] == []
    code, taken = told(capsys, "import", file, "--source", SOURCE, "--apply")
    assert (code, taken["taken"]["accepted"]) == (0, len(PEOPLE))
    for day in (date(2017, 1, 1), date(2020, 7, 1), date(2024, 2, 29), TODAY - timedelta(days=1)):
        _, counted = told(capsys, "denominators", "--at", str(day), "--by", "sex")
        found = {one["sex"]: one["people"] for one in counted["cells"]}
        assert found == dict(sexes(PEOPLE, day)), day
    village = PEOPLE[0].village
    _, counted = told(
        capsys, "denominators", "--at", "2024-01-01", "--division", village, "--bands", "three",
        "--by", "age,place",
    )  # fmt: skip
    there = [one for one in PEOPLE if one.village == village and one.here(date(2024, 1, 1))]
    assert sum(one["people"] for one in counted["cells"]) == len(there)
    assert {one["place"] for one in counted["cells"]} == {village}
    old = [one for one in there if one.age(date(2024, 1, 1)) >= 65.01]
    assert {c["age"]: c["people"] for c in counted["cells"]}["65+"] == pytest.approx(
        len(old), abs=1
    )
    _, lived = told(
        capsys, "denominators", "--at", "2023-01-01", "--until", "2024-01-01", "--by", "-"
    )
    days = [date(2023, 1, 1) + timedelta(days=n) for n in range(365)]
    assert lived["cells"][0]["days"] == sum(one.here(day) for one in PEOPLE for day in days)


def test_what_a_later_extract_changes_is_said_before(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = rows()
    living = [one for one in given if one["是否在册"] == "是"]
    dead, moved, wrong = living[:3]
    dead |= {"死亡日期": "2026-11-01", "是否在册": "否"}
    moved |= {"居住行政区划代码": "371003106201", "迁入日期": "2026-11-02"}
    wrong |= {"出生日期": "2026-02-30"}
    for one in (dead, moved, wrong):
        one["更新时间"] = "2026-11-21 08:00:00"
    new = dict(living[3]) | {"人口编号": "X-1", "身份证号": "", "更新时间": "2026-11-21 08:00:00"}
    file = str(written(home / "later", [*given, new]))
    code, tried = told(capsys, "import", file, "--source", SOURCE)
    told_of = {key: tried[key] for key in ("new", "changed", "refused", "deaths", "moves")}
    assert (code, told_of) == (
        1, {"new": 1, "changed": 2, "refused": 1, "deaths": 1, "moves": 1},
    )  # fmt: skip
    assert tried["unchanged"] == len(given) - 3
    assert [one["rule"] for one in tried["problems"]] == ["calendar-date"]
    assert tried["problems"][0]["line"] == given.index(wrong) + 2


def test_the_offices_mistakes_are_few_and_always_the_same(tmp_path: Path) -> None:
    given = rows()
    counts = []
    for name in ("one", "two"):
        file = written(tmp_path / name / SOURCE, given)
        counts.append(soil_extract(tmp_path / name, 7, TODAY))
        soiled = file.read_bytes()
    assert counts[0] == counts[1]
    assert (tmp_path / "one" / SOURCE / file.name).read_bytes() == soiled
    with file.open(encoding="utf-8", newline="") as text:
        after = list(csv.DictReader(text))
    changed = [one for one in after if one not in given]
    assert 0 < len(changed) < len(given) * 0.05
    assert len(after) == len(given) - counts[0]["unregistered"] + counts[0]["twice"]


def test_divisions_and_differences(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = home / "divisions.csv"
    file.write_text("code,name\n371002003001,云溪社区\n371071,高技术产业开发区\n", encoding="utf-8")
    assert told(capsys, "divisions", str(file)) == (0, {"divisions": 2, "changed": 2})
    assert told(capsys, "divisions", str(file))[1]["changed"] == 0
    _, found = told(capsys, "differences")
    assert found["open"]["unseen"] > 0
    assert found["open"]["unregistered"] == 0


def test_what_can_not_be_is_wrong_usage(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = home / "bands.yaml"
    file.write_text("- {key: odd, zh: 奇, en: Odd, law: 无, from: [5, 10]}\n", encoding="utf-8")
    nothing = home / "nothing.csv"
    nothing.write_text("code,name\nx,y\n", encoding="utf-8")
    for words in (
        ["import", str(home / "none.csv"), "--source", SOURCE],
        ["import", str(nothing), "--source", "nobody"],
        ["denominators", "--bands", "none"],
        ["denominators", "--bands", str(file)],
        ["denominators", "--at", "2024-01-01", "--until", "2023-01-01"],
        ["divisions", str(nothing)],
    ):
        assert main(["register", *words]) == 2, words
    with pytest.raises(SystemExit):
        main(["register", "denominators", "--by", "height"])
    file.write_text(
        "- {key: halves, zh: 半, en: Halves, law: 无, from: [0, 50]}\n", encoding="utf-8"
    )
    _, counted = told(capsys, "denominators", "--at", "2024-01-01", "--by", "age",
                      "--bands", str(file))  # fmt: skip
    assert [one["age"] for one in counted["cells"]] == ["0-49", "50+"]
