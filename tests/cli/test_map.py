"""`minkang map`: an engineer writes a mapping, tries it on a table, and gives it to a source."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from minkang.cli import main
from minkang.config import Settings
from minkang.crypto import load_keys
from tests.app.loading import Place, run
from tests.cli.test_load import load

_VISITS = Path(__file__).parents[2] / "examples" / "clinic_visits.csv"
_MAPPING = """\
table: 体检
row: 编号
resources:
  - type: Patient
    number: "{编号}"
    set:
      name: [{text: {column: 姓名, required: true}}]
      birthDate: {column: 生日, as: date}
"""
_SOURCES = "- {id: check-up, name: 体检中心, organisation: MKCHECK, channels: [table]}\n"


@pytest.fixture(scope="module")
def place(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An installation with one source."""
    home = tmp_path_factory.mktemp("home")
    load_keys(home / "keys", create=True)
    environment = pytest.MonkeyPatch()
    environment.setenv("MINKANG_HOME", str(home))
    environment.setenv("MINKANG_DATABASE_URL", database_url)
    (home / "sources.yaml").write_text(_SOURCES, encoding="utf-8")
    assert main(["sources", str(home / "sources.yaml")]) == 0
    yield Place(Settings(home=home, database_url=database_url), database_url, home)
    environment.undo()


def checked(
    capsys: pytest.CaptureFixture[str], mapping: str | Path, table: Path, *more: str
) -> tuple[int, Any]:
    code = main(["map", "check", str(mapping), str(table), "--json", *more])
    return code, json.loads(capsys.readouterr().out)


def test_the_shipped_mapping_is_listed_and_tried(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["map", "list"]) == 0
    assert "clinic_visits\tvisits\tvisit_no" in capsys.readouterr().out
    code, tried = checked(capsys, "clinic_visits", _VISITS, "--rows", "1")
    assert (code, tried["refused"], len(tried["shown"])) == (0, 0, 1)
    assert tried["shown"][0][0]["resourceType"] == "Patient"


def test_the_example_of_every_leaf_passes(capsys: pytest.CaptureFixture[str]) -> None:
    code, tried = checked(
        capsys, _VISITS.parent / "check_ups.yaml", _VISITS.parent / "check_ups.csv"
    )
    assert (code, tried["problems"], tried["unused"], tried["lacking"]) == (0, [], [], [])
    kinds = [[one["resourceType"] for one in row] for row in tried["shown"]]
    assert kinds[0] == ["Patient", "Encounter", *["Observation"] * 4, "List"]
    assert (kinds[2], tried["withdrawn"]) == ([], 7)


def test_what_is_wrong_is_told_by_line_and_column(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    mapping, table = tmp_path / "m.yaml", tmp_path / "t.csv"
    mapping.write_text(_MAPPING.replace("birthDate:", "birthday:"), encoding="utf-8")
    text = "编号,姓名,电话\n1,王,2\n2,,3\n3\n"
    table.write_text(text, encoding="gb18030")
    code, tried = checked(capsys, mapping, table, "--source-charset", "gb18030")
    assert code == 1
    assert (tried["unused"], tried["lacking"]) == (["电话"], ["生日"])
    assert {(one["line"], one["path"], one["rule"]) for one in tried["problems"]} >= {
        (3, "行 编号=2，列 姓名", "required"),
        (2, "行 编号=1，列 生日", "no-column"),
        (4, "行 4，列 姓名", "ragged"),
    }
    table.write_text(text.replace("电话", "生日").replace(",2\n", ",1960-01-01\n"))
    code, tried = checked(capsys, mapping, table)
    assert ("Patient.birthday", "unknown-element") in {
        (one["path"], one["rule"]) for one in tried["problems"]
    }
    mapping.write_text(_MAPPING.replace("as: date", "as: dat"), encoding="utf-8")
    assert main(["map", "check", str(mapping), str(table)]) == 2
    assert "m.yaml:8: as: 'dat' is none of" in capsys.readouterr().err


def test_a_mapping_of_a_sources_own_is_stored_and_used(
    place: Place, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    mapping, table = tmp_path / "体检.yaml", tmp_path / "t.xlsx"
    mapping.write_text(_MAPPING, encoding="utf-8")
    assert main(["map", "put", "check-up", str(mapping)]) == 0
    assert main(["map", "put", "check-up", str(mapping)]) == 0
    assert "check-up: 体检 unchanged" in capsys.readouterr().out
    assert main(["map", "put", "nobody", str(mapping)]) == 2
    book = openpyxl.Workbook()
    for line in (["编号", "姓名", "生日"], ["1", "王", "1960-01-02"], ["2", "李", "=A1"]):
        book.worksheets[0].append(line)
    book.save(table)
    code, report = load(capsys, str(table), "--source", "check-up")
    assert (code, report["accepted"], report["refused"], report["resources"]) == (1, 1, 1, 1)
    (problem,) = report["problems"]
    assert (problem["line"], problem["path"], problem["rule"]) == (3, "行 3，列 生日", "formula")
    stored = run(place.fetch("select name, by from exchange.mapping"))
    assert [one["name"] for one in stored] == ["体检"]
