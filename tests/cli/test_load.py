"""`minkang load` as an operator runs it: exit codes, JSON, formats, killed and resumed."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from minkang.cli import main
from minkang.config import Settings
from minkang.crypto import load_keys
from minkang.fhir import Resource
from tests.app.loading import Place, patient, run
from tests.e2e.processes import becomes, children, process
from tests.exchange.messages import adt

_COMMAND = [sys.executable, "-c", "from minkang.cli import main; raise SystemExit(main())"]
_EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    load_keys(home / "keys", create=True)
    return home


@pytest.fixture
def place(home: Path, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("MINKANG_HOME", str(home))
    monkeypatch.setenv("MINKANG_DATABASE_URL", database_url)
    return Place(Settings(home=home, database_url=database_url), database_url, tmp_path)


def load(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON."""
    capsys.readouterr()
    code = main(["load", "--json", *arguments])
    return code, msgspec.json.decode(capsys.readouterr().out)


def test_json_counts_and_the_exit_code_tells_of_refusals(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    good = place.file("data/1.ndjson", patient("cli-1"), patient("cli-2"))
    bad = place.file("data/2.ndjson", patient("cli-3", gender="x"), patient("cli-4"))
    code, report = load(capsys, str(place.folder / "data"))
    assert code == 1
    assert report["seconds"] > 0
    assert {**report, "seconds": 0} == {
        "accepted": 3,
        "unchanged": 0,
        "refused": 1,
        "resources": 3,
        "seconds": 0,
        "problems": [
            {
                "file": bad,
                "line": 1,
                "path": "Patient.gender",
                "rule": "required-binding",
                "text": report["problems"][0]["text"],
            }
        ],
    }
    assert load(capsys, good)[0] == 0
    rows = run(place.fetch("select distinct source from store.resource where id like 'cli-%'"))
    assert [row["source"] for row in rows] == ["load"]


def test_without_json_the_problems_stand_on_standard_error(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = place.file("bad.ndjson", patient("cli-5"), patient("cli-6", gender="x"))
    assert main(["load", bad, "--source", "h1"]) == 1
    told = capsys.readouterr()
    assert told.out.startswith("1 accepted, 0 unchanged, 1 refused, 1 resources in ")
    assert f"{bad}:2: Patient.gender: required-binding: " in told.err


def test_standard_input_is_read(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for given in (b'{"resourceType":"Patient","id":"cli-7"}', b"no json"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
        code, report = load(capsys, "-", "--workers", "1")
        assert (code, report["accepted"]) == ((0, 1) if given[:1] == b"{" else (1, 0))
    assert report["problems"][0]["rule"] == "format"


def test_what_is_asked_for_wrongly_ends_with_2(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["load", str(place.folder / "nowhere")]) == 2
    os.mkfifo(place.folder / "pipe")
    assert main(["load", str(place.folder / "pipe")]) == 2
    file = place.file("a.hl7", adt())
    assert main(["load", file, "--source", "unheard-of"]) == 2
    table = place.file("a.csv", b"a,b", b"1,2")
    assert main(["load", table]) == 2
    for workers in ("0", "many"):
        with pytest.raises(SystemExit):
            main(["load", file, "--workers", workers])
    capsys.readouterr()


def test_messages_and_tables_come_in_by_their_own_doors(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    sources = place.folder / "sources.yaml"
    sources.write_text(_SOURCES, encoding="utf-8")
    assert main(["sources", str(sources)]) == 0
    folder = place.folder / "mixed"
    folder.mkdir()
    (folder / "1.hl7").write_bytes(adt() + b"\r\n" + adt(control="c2", sender="stranger"))
    code, report = load(capsys, place.file("mixed/2.ndjson", patient("cli-8")), str(folder))
    assert code == 1
    assert (report["accepted"], report["refused"]) == (2, 1)
    (problem,) = report["problems"]
    assert (problem["file"], problem["rule"]) == (str(folder / "1.hl7"), "unknown-sender")
    assert problem["line"] > 1
    visits = _EXAMPLES / "clinic_visits.csv"
    rows = len(visits.read_text(encoding="utf-8").splitlines()) - 1
    code, report = load(capsys, str(visits), "--source", "yunxi")
    assert code == 0
    assert (report["accepted"], report["unchanged"]) == (rows, 0)
    code, report = load(capsys, str(visits), "--source", "yunxi")
    assert (report["accepted"], report["unchanged"]) == (0, rows)


_SOURCES = """
- {id: haibin, name: 海滨, organisation: MKHAIBIN, channels: [mllp]}
- {id: yunxi, name: 云溪, organisation: MKYUNXI, channels: [table], table_mapping: clinic_visits}
"""


def big(resource_id: str) -> Resource:
    return {
        "resourceType": "Observation",
        "id": resource_id,
        "status": "final",
        "code": {"text": "HGB"},
        "subject": {"reference": "Patient/killed"},
        "note": [{"text": resource_id * 120}],
    }


def test_a_load_that_is_killed_goes_on_where_it_was(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    number = 12_000
    file = place.file("big.ndjson", *(big(f"killed-{n:05}") for n in range(number)))
    command = subprocess.Popen(
        [*_COMMAND, "load", file, "--workers", "2", "--json"],
        env=dict(os.environ),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    journal = place.settings.home / "load"

    def has_begun() -> bool:
        return any(one.read_bytes().count(b"\n") > 4 for one in journal.glob("*"))

    try:
        assert becomes(has_begun, 120, 0.005)
        workers = children(command.pid)
        assert len(workers) == 2
    finally:
        command.kill()
        command.wait()
    assert becomes(lambda: not any(process(one.pid) for one in workers), 20)
    (written,) = journal.glob("*")
    lines = [msgspec.json.decode(line) for line in written.read_bytes().splitlines()]
    done = sum(line.get("accepted", 0) for line in lines)
    assert 0 < done < number
    code, report = load(capsys, file, "--workers", "2")
    assert code == 0
    assert report["accepted"] + report["unchanged"] == number
    assert report["accepted"] >= done
    assert report["unchanged"] <= number // 2  # not from the beginning
    rows = run(
        place.fetch(
            "select count(*) as n, max(version) as v from store.resource where id like 'killed-%'"
        )
    )
    assert tuple(rows[0]) == (number, 1)
    assert not written.exists()
    code, again = load(capsys, file, "--no-resume")
    assert (code, again["unchanged"]) == (0, number)
