"""Reading files with FHIR in them: what they hold, where they are cut, what can't be read."""

import bz2
import gzip
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from minkang.app import load_fhir_split
from minkang.app.load_fhir_journal import Busy, Entry, Journal, journal_path
from minkang.app.load_fhir_open import Part, Reader, Unreadable, opened, parts_of
from minkang.app.load_fhir_progress import Progress
from minkang.app.load_fhir_split import Lines, Overlong, shape_of, split

PATIENT = b'{"resourceType":"Patient","id":"p1"}'
BUNDLE = b'{"resourceType":"Bundle","type":"collection","entry":[{"resource":' + PATIENT + b"}]}"


@contextmanager
def reading(folder: Path, content: bytes) -> Iterator[Reader]:
    file = folder / "file"
    file.write_bytes(content)
    with opened(Part(str(file))) as reader:
        yield reader


@pytest.mark.parametrize(
    ("content", "shape"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (PATIENT, "document"),
        (b"\xef\xbb\xbf" + PATIENT + b"\n\n", "document"),
        (PATIENT.replace(b",", b",\n  "), "document"),
        (BUNDLE, "document"),
        (BUNDLE.replace(b"[", b"[\n").replace(b",", b",\n"), "document"),
        (PATIENT + b"\n" + PATIENT, "lines"),
        (b"{broken\n" + PATIENT + b"\n", "lines"),
        (b"no json\n" + PATIENT + b"\n", "lines"),
        (b'{"resourceType":"Patient', "document"),
        (b"MSH|^~\\&|", "unknown"),
        (b"a,b\n1,2\n", "unknown"),
    ],
)
def test_what_a_file_holds_is_told_by_its_content(
    tmp_path: Path, content: bytes, shape: str
) -> None:
    with reading(tmp_path, content) as reader:
        assert shape_of(reader) == shape
        assert reader.read(1_000_000) == content  # looking used nothing up


def test_a_first_line_longer_than_a_first_look_does_not_hide_the_others(tmp_path: Path) -> None:
    long = b'{"resourceType":"Binary","data":"' + b"A" * 400_000 + b'"}'
    with reading(tmp_path, long + b"\n" + PATIENT + b"\n") as reader:
        assert shape_of(reader) == "lines"
    with reading(tmp_path, long + b"\n") as reader:
        assert shape_of(reader) == "document"


def test_lines_are_cut_at_their_ends_and_keep_their_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_fhir_split, "BLOCK", 100)
    lines = [b"%d " % number + b"x" * (number * 7 % 230) for number in range(1, 200)]
    content = b"\n".join(lines)
    with reading(tmp_path, b"\xef\xbb\xbf" + content) as reader:
        blocks = [block for block in split(reader) if isinstance(block, Lines)]
    assert b"".join(block.data for block in blocks) == content
    assert len(blocks) > 20
    for block in blocks:
        assert block.data.startswith(b"%d " % block.line)
        assert (b"\xef\xbb\xbf" + content)[block.begin :].startswith(block.data)


def test_a_line_beyond_the_limit_is_passed_over_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_fhir_split, "BLOCK", 100)
    monkeypatch.setattr(load_fhir_split, "LINE", 1_000)
    content = b"first\n" + b"x" * 5_000 + b"\nthird\n" + b"y" * 5_000
    with reading(tmp_path, content) as reader:
        found = list(split(reader))
    assert [one.line for one in found if isinstance(one, Overlong)] == [2, 4]
    assert [(one.line, one.data) for one in found if isinstance(one, Lines)] == [
        (1, b"first\n"),
        (3, b"third\n"),
    ]


def test_packed_files_and_members_give_the_same_bytes(tmp_path: Path) -> None:
    content = (PATIENT + b"\n") * 5_000
    (tmp_path / "plain").write_bytes(content)
    (tmp_path / "a.gz").write_bytes(gzip.compress(content))
    (tmp_path / "b").write_bytes(bz2.compress(content))
    with zipfile.ZipFile(tmp_path / "c.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("in/z.ndjson", content)
        archive.writestr("a.ndjson.gz", gzip.compress(content))
    parts = [
        part
        for name in ("plain", "a.gz", "b", "c.zip")
        for part, _ in parts_of(name_in(tmp_path, name))
    ]
    assert [part.member for part in parts] == ["", "", "", "a.ndjson.gz", "in/z.ndjson"]
    assert parts[-1].shown.endswith("c.zip!in/z.ndjson")
    for part in parts:
        with opened(part) as reader:
            assert reader.read(len(content) + 1) == content
            assert 0 < reader.packed <= len(content)


def name_in(folder: Path, name: str) -> str:
    return str(folder / name)


def test_a_file_that_is_cut_short_gives_what_is_whole_and_then_says_so(tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(b"%d\n" % n for n in range(400_000)))
    (tmp_path / "cut.gz").write_bytes(whole[: len(whole) // 2])
    with opened(Part(name_in(tmp_path, "cut.gz"))) as reader:
        assert reader.read(100).startswith(b"0\n1\n")
        with pytest.raises(Unreadable) as caught:
            reader.read(10_000_000)
    assert caught.value.rule == "archive"


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress], ids=["gzip", "bzip2"])
def test_what_unpacks_without_end_is_stopped(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    (tmp_path / "bomb").write_bytes(pack(bytes(80_000_000)))
    with opened(Part(name_in(tmp_path, "bomb"))) as reader, pytest.raises(Unreadable) as caught:
        reader.read(80_000_000)
    assert caught.value.rule == "ratio"


def test_archives_that_are_none_or_are_locked_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(Unreadable):
        parts_of(name_in(tmp_path, "bad.zip"))
    with pytest.raises(Unreadable), opened(Part(name_in(tmp_path, "none"))):
        pass
    with zipfile.ZipFile(tmp_path / "ok.zip", "w") as archive:
        archive.writestr("inner.zip", b"PK\x03\x04")
    with pytest.raises(Unreadable), opened(Part(name_in(tmp_path, "ok.zip"), "inner.zip")):
        pass
    with pytest.raises(Unreadable), opened(Part(name_in(tmp_path, "ok.zip"), "missing")):
        pass


def test_the_journal_remembers_what_is_whole_in_it(tmp_path: Path) -> None:
    file = tmp_path / "data.ndjson"
    file.write_bytes(PATIENT)
    path = journal_path(tmp_path, "db", "load", [str(file)])
    journal = Journal(path)
    assert list(journal.before()) == []
    assert journal.began is None
    began = datetime(2026, 5, 1, tzinfo=UTC)
    journal.begin(began)
    entries = [
        Entry(3, 2, 1, 100, (Part("data.ndjson"), 0)),
        Entry(documents=[Part("a.zip", "b.json")]),
    ]
    for entry in entries:
        journal.add(entry)
    with pytest.raises(Busy):
        Journal(path)
    journal.close(keep=True)
    with path.open("ab") as held:
        held.write(b'{"accepted":7')  # the machine stopped here
    journal = Journal(path)
    assert list(journal.before()) == entries
    assert journal.began == began
    journal.add(entries[0])
    assert list(journal.before()) == [*entries, entries[0]]
    journal.close(keep=False)
    assert not path.exists()
    file.write_bytes(PATIENT * 2)
    assert journal_path(tmp_path, "db", "load", [str(file)]) != path
    assert journal_path(tmp_path, "db", "load", ["-"]) != path


def test_progress_is_a_line_that_changes_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    terminal, log = Terminal(), io.StringIO()
    shown = [Progress(1_000, 100, terminal), Progress(1_000, 100, log)]
    for _ in range(5):
        now += 2.0
        for one in shown:
            one.advance(100, 4_000, 1)
    for one in shown:
        one.close()
    last = "\rload  60% 20,000 resources, 2,000/s, 5 refused\x1b[K\n"
    assert terminal.getvalue().endswith(last)
    assert terminal.getvalue().count("\r") == 6
    assert log.getvalue() == "load  40% 12,000 resources, 2,000/s, 3 refused\n"
