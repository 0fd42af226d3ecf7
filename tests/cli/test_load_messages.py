"""`minkang load` of what systems export: documents, messages, archives, names of every kind."""

import io
import os
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from minkang.cli import main
from minkang.config import Settings
from minkang.crypto import load_keys
from minkang.exchange.wst import SERVICES, opened, service_by_root
from minkang.fhir import encode
from tests.app.loading import Place, run
from tests.cli.test_load import load
from tests.exchange.fhir_mapped import bundle, entry, patient, result
from tests.exchange.messages import adt
from tests.exchange.small_document import document
from tests.exchange.wst_samples import message, there, written

_SOURCES = """
- {id: haibin, name: 海滨, organisation: MKHAIBIN, channels: [mllp, document, fhir, wst]}
- {id: trying, name: 试接, organisation: MKTRYING, channels: [document], stage: trial}
- {id: closed, name: 停用, organisation: MKCLOSED, channels: [document], enabled: false}
"""


@pytest.fixture(scope="module")
def place(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An installation with three sources."""
    home = tmp_path_factory.mktemp("home")
    load_keys(home / "keys", create=True)
    (home / "sources.yaml").write_text(_SOURCES, encoding="utf-8")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MINKANG_HOME", str(home))
        environment.setenv("MINKANG_DATABASE_URL", database_url)
        assert main(["sources", str(home / "sources.yaml")]) == 0
        yield Place(Settings(home=home, database_url=database_url), database_url, home)


def states(place: Place) -> dict[str, str]:
    rows = run(place.fetch("select control_id, state from exchange.message"))
    return {row["control_id"]: row["state"] for row in rows}


def counted(report: dict[str, Any]) -> tuple[int, int, int]:
    return report["accepted"], report["unchanged"], report["refused"]


def test_a_folder_of_everything_is_told_apart_by_content(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_bytes(document("MIX1"))
    (tmp_path / "b").write_bytes(b"\xef\xbb\xbf" + document("MIX2"))
    (tmp_path / "c.xml").write_bytes(document("MIX3").decode().encode("utf-16"))
    (tmp_path / "d.dat").write_bytes(adt(control="MIX4", visit="MIX4"))
    (tmp_path / "e.bad").write_bytes(document("MIX5", kind="C9999"))
    code, report = load(capsys, str(tmp_path), "--source", "haibin")
    assert (code, counted(report)) == (1, (4, 0, 1))
    assert report["resources"] >= 8
    (problem,) = report["problems"]
    assert (problem["rule"], problem["file"]) == ("unknown-document", str(tmp_path / "e.bad"))
    found = states(place)
    assert {found[f"MIX{n}"] for n in range(1, 5)} == {"stored"}
    assert found["MIX5"] == "quarantined"
    code, report = load(capsys, str(tmp_path), "--source", "haibin")
    assert counted(report) == (0, 4, 1)


def test_archives_of_documents(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"../in/{number}\n.xml", document(f"ZIP{number}"))
        archive.writestr("readme", "not a document")
    with tarfile.open(tmp_path / "b.tar.gz", "w:gz") as packed:
        for number in range(2):
            data = document(f"TAR{number}")
            member = tarfile.TarInfo(f"/etc/{number}.xml")
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))
        link = tarfile.TarInfo("link.xml")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        packed.addfile(link)
    whole = (tmp_path / "b.tar.gz").read_bytes()
    (tmp_path / "c.tar.gz").write_bytes(whole[: len(whole) // 2])
    code, report = load(capsys, str(tmp_path), "--source", "haibin")
    assert (code, report["accepted"]) == (1, 5)
    names = {one["file"].rpartition("/")[2].partition("!")[0] for one in report["problems"]}
    assert names == {"a.zip", "c.tar.gz"}
    found = states(place)
    assert {found[name] for name in ("ZIP0", "ZIP2", "TAR0", "TAR1")} == {"stored"}


def test_names_of_every_kind(
    place: Place, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    names = [b"--json", b"-", b"a\nb.xml", b"\x1b[31m.xml", b"\xff\xfe.xml", "海.xml".encode()]
    folder = tmp_path / "in"
    folder.mkdir()
    for number, name in enumerate(names):
        (folder / os.fsdecode(name)).write_bytes(document(f"NAME{number}", kind="C9999"))
    os.mkfifo(folder / "pipe")
    for link, target in (("loop", folder), ("broken", "nowhere"), ("itself", "itself")):
        (folder / link).symlink_to(target)
    capfd.readouterr()
    assert main(["load", str(folder), "--source", "haibin"]) == 1
    said = capfd.readouterr()
    assert said.out.startswith("0 accepted, 0 unchanged, 6 refused")
    assert "\x1b" not in said.err
    assert all(name in said.err for name in ("a\\nb.xml", "\\xff\\xfe.xml", "海.xml", "pipe: pass"))
    assert main(["load", "--json", "--", str(folder / os.fsdecode(names[4]))]) == 2


def test_a_fhir_file_whose_name_is_no_text_is_refused_alone(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (b"\xff.ndjson", b"a\nb.ndjson"):
        (tmp_path / os.fsdecode(name)).write_bytes(encode(patient(f"N{len(name)}")))
    code, report = load(capsys, str(tmp_path), "--workers", "1")
    assert (code, counted(report)) == (1, (1, 0, 1))
    (problem,) = report["problems"]
    assert (problem["rule"], problem["file"]) == ("file-name", f"{tmp_path}/\\xff.ndjson")


def test_only_for_a_source_that_sends_such_files(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    one = place.folder / "one.xml"
    one.write_bytes(document("FIT1"))
    for named in ((), ("--source", "closed"), ("--source", "trying", "--format", "wst")):
        assert main(["load", str(one), *named]) == 2
    assert "source-disabled" in capsys.readouterr().err
    code, report = load(capsys, str(one), "--source", "trying")
    assert (code, report["accepted"], report["resources"]) == (0, 1, 0)
    assert states(place)["FIT1"] == "trial"


def test_fhir_goes_to_the_store_or_through_exchange_as_asked(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = b"\n".join(map(encode, (patient("T1"), patient("T2", gender="m"))))
    (tmp_path / "a.ndjson").write_bytes(lines)
    (tmp_path / "b.json").write_bytes(encode(bundle(entry(patient("T3")), entry(result("T4")))))
    ways = ("--source", "haibin", "--through-exchange")
    code, report = load(capsys, str(tmp_path), *ways)
    assert (code, counted(report), report["resources"]) == (1, (2, 0, 1), 3)
    (problem,) = report["problems"]
    assert (problem["line"], problem["path"]) == (2, "Patient.gender")
    rows = run(place.fetch("select id from store.resource where id in ('T1', 'T3', 'T4')"))
    assert rows == []
    code, report = load(capsys, str(tmp_path / "b.json"), "--source", "haibin")
    assert (code, report["resources"]) == (0, 2)
    rows = run(place.fetch("select id from store.resource where id in ('T3', 'T4')"))
    assert len(rows) == 2


def test_own_figures_of_a_source(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text("日期,类型,数量\n2026-05-01,门急诊,7\n", encoding="gb18030")
    (tmp_path / "b.json").write_text('[{"day": "2026-02-30", "type": "visits", "count": 1}]')
    ways = (str(tmp_path), "--format", "counts", "--source")
    code, report = load(capsys, *ways, "haibin")
    assert (code, counted(report)) == (1, (1, 0, 1))
    assert report["problems"][0]["rule"] == "counts-day"
    assert main(["load", *ways, "closed"]) == 2


def test_a_message_of_a_service_with_or_without_its_envelope(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there()
    name = next(
        name for name, one in SERVICES.items() if not one.asks and service_by_root(one.root) == one
    )
    _, raw = opened(written(name, message(name)))
    (tmp_path / "a.xml").write_bytes(raw)
    _, report = load(capsys, str(tmp_path), "--source", "haibin")
    assert report["accepted"] + report["refused"] == 1
    rows = run(place.fetch("select kind from exchange.message where channel = 'wst'"))
    assert [row["kind"] for row in rows] == [f"wst:{name}"]


def test_processes_share_what_is_much_and_nothing_is_counted_twice(
    place: Place,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("minkang.app.load_messages._SHARE_BYTES", 1)
    for number in range(6):
        (tmp_path / f"{number}.xml").write_bytes(document(f"SHARE{number}"))
    (tmp_path / "bad.xml").write_bytes(document("SHARE9", kind="C9999"))
    code, report = load(capsys, str(tmp_path), "--source", "haibin", "--workers", "2")
    assert (code, counted(report)) == (1, (6, 0, 1))
    assert report["resources"] >= 12
    found = states(place)
    assert {found[f"SHARE{n}"] for n in range(6)} == {"stored"}
    code, report = load(capsys, str(tmp_path), "--source", "haibin", "--workers", "2")
    assert (code, counted(report)) == (1, (0, 6, 1))
