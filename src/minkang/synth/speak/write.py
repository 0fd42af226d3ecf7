"""The files: what each source sends, as its own system would save it, and how to load it.

```text
FOLDER/
  sources.yaml            all sources that said something, for `minkang sources`
  README.txt              that it is synthetic, and the commands that load it
  <source>/<month>.hl7    HL7 v2 messages of a month, one after another
  <source>/<table>.csv    a table, in the source's character set
  <source>/<month>/*.xml  shared documents
  <source>/<month>.ndjson FHIR bundles, one a line
  counts/<source>.csv     the source's own figures of the last days, for reconciliation
```
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from itertools import chain
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from minkang.synth.record import LOCAL, World
from minkang.synth.speak.counts import HEAD, Figures
from minkang.synth.speak.form_columns import COLUMNS
from minkang.synth.speak.foundation import base_resources
from minkang.synth.speak.order import Lives, Wish, history
from minkang.synth.speak.registration import Desk, truthful
from minkang.synth.speak.registry import as_yaml, registered
from minkang.synth.speak.sent import Channel, Message, Row, Sent
from minkang.synth.speak.setting import Setting
from minkang.synth.speak.tables import FLAT, FLAT_COLUMNS

Soil = Callable[[Iterable[Sent]], Iterator[Sent]]
"""What happens to all that is sent on its way; it keeps the order of time."""

_ENDS: Final = {"mllp": "hl7", "fhir": "ndjson"}


class Written(msgspec.Struct, frozen=True):
    """What was written: by source how many messages, rows and documents, and bytes of all."""

    folder: Path
    sent: dict[str, int]
    bytes: int


def write_all(
    world: World,
    numbers: Sequence[int],
    folder: Path,
    processes: int = 1,
    since: datetime | None = None,
    *,
    lives: Lives | None = None,
    desk: Desk = truthful,
    channels: frozenset[Channel] | None = None,
    soil: Soil | None = None,
    base: bool = True,
    figures: int = 30,
    seen: Callable[[Sent], None] | None = None,
) -> Written:
    """Write all that the households of these numbers send, up to the world's today.

    Args:
        world: seed, days, place.
        numbers: of households.
        folder: is made; what lies in it under the same names is overwritten.
        processes: the bytes are the same for any number.
        since: only what is sent from then on.
        lives: how a household is lived; the lives of the region by default.
        desk: what institutions write down of a patient.
        channels: only these ways out; None is all.
        soil: what happens on the way.
        figures: of how many last days the sources tell their own figures, for reconciliation.
        base: whether institutions, staff and beds are told first (not with `since`).
        seen: is told of everything that was written, in order.
    """
    wish = Wish(world, lives or _lived(), desk, since, _midnight(world))
    setting = Setting(world, desk)
    stream: Iterator[Sent] = history(wish, numbers, folder / ".laid", processes)
    if base and since is None:
        stream = chain(base_resources(setting, numbers), stream)
    if channels is not None:
        stream = (one for one in stream if _channel(one) in channels)
    first = max(world.begin, world.today - timedelta(days=figures))
    counted = Figures(setting.systems, first)
    stream = _counting(stream, counted)
    if soil is not None:
        stream = soil(stream)
    known = registered(setting)
    with _Files(folder, known) as files:
        for one in stream:
            files.take(one)
            if seen is not None:
                seen(one)
    (folder / ".laid").rmdir()
    _write_about(folder, known, files, counted, world)
    return Written(folder, dict(sorted(files.sent.items())), files.bytes)


def _write_about(
    folder: Path,
    known: dict[str, dict[str, Any]],
    files: "_Files",
    counted: Figures,
    world: World,
) -> None:
    """What stands beside the data: the sources' own figures, their registration, how to load."""
    told = counted.sources()
    for source in told:
        (folder / "counts").mkdir(exist_ok=True)
        lines = (HEAD, *counted.lines(source, world.today))
        text = "".join(csv_line(line) for line in lines)
        (folder / "counts" / f"{source}.csv").write_text(text, encoding="utf-8", newline="")
    sources = [known[source] for source in sorted({*files.sent, *told})]
    (folder / "sources.yaml").write_text(as_yaml(sources), encoding="utf-8")
    (folder / "README.txt").write_text(_readme(sources, files.sent, told), encoding="utf-8")


def _counting(stream: Iterator[Sent], counted: Figures) -> Iterator[Sent]:
    for one in stream:
        counted.take(one)
        yield one


def _lived() -> Lives:
    # The lives import all catalogues; who only wants a writer's names need not wait for them.
    from minkang.synth.lives.live import live

    return live


def _midnight(world: World) -> datetime:
    return datetime.combine(world.today, time(), LOCAL)


def _channel(one: Sent) -> Channel:
    return one.channel if isinstance(one, Message) else "table"


class _Files:
    """Open files by source, of the month that is being written."""

    def __init__(self, folder: Path, known: dict[str, dict[str, Any]]) -> None:
        self.sent: dict[str, int] = {}
        self.bytes = 0
        self._folder = folder
        self._charsets = {source: str(one["charset"]) for source, one in known.items()}
        self._open: dict[tuple[str, str], tuple[str, IO[bytes]]] = {}
        self._begun: set[tuple[str, str]] = set()

    def __enter__(self) -> "_Files":
        self._folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        for _month, file in self._open.values():
            file.close()

    def take(self, one: Sent) -> None:
        """Write one item where it belongs."""
        self.sent[one.source] = self.sent.get(one.source, 0) + 1
        if isinstance(one, Row):
            raw = self._row(one)
            self._file(one.source, f"{one.table}.csv", "").write(raw)
        elif one.channel == "document":
            raw = one.raw
            name = one.name.partition(":")[2]
            folder = self._folder / one.source / f"{one.at:%Y-%m}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{name}.xml").write_bytes(raw)
        else:
            raw = one.raw if one.channel == "mllp" else one.raw + b"\n"
            end = _ENDS[one.channel]
            self._file(one.source, end, f"{one.at:%Y-%m}").write(raw)
        self.bytes += len(raw)

    def _file(self, source: str, name: str, month: str) -> IO[bytes]:
        now, file = self._open.get((source, name), ("", None))
        if file is not None and now == month:
            return file
        if file is not None:
            file.close()
        folder = self._folder / source
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / (f"{month}.{name}" if month else name)
        # A message that comes late may open an earlier month again.
        first = (source, path.name) not in self._begun
        self._begun.add((source, path.name))
        opened = path.open("wb" if first else "ab")
        self._open[source, name] = (month, opened)
        return opened

    def _row(self, row: Row) -> bytes:
        columns = columns_of(row.table)
        charset = self._charsets.get(row.source, "utf-8")
        values = row.values
        line = csv_line([values.get(column, "") for column in columns])
        if (row.source, f"{row.table}.csv") not in self._begun:
            line = csv_line(columns) + line
        return line.encode(charset)


def columns_of(table: str) -> tuple[str, ...]:
    """The columns of a table in their order."""
    return FLAT_COLUMNS if table == FLAT else COLUMNS[table]


def csv_line(cells: Iterable[str]) -> str:
    """One line of CSV (RFC 4180)."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue()


def _readme(sources: Iterable[dict[str, Any]], sent: Mapping[str, int], told: Iterable[str]) -> str:
    lines = [
        "合成数据 SYNTHETIC DATA",
        "",
        "本目录中的人员、机构、号码和病历均为程序生成的虚构内容，不对应任何真实的人或单位。",
        "Everybody and everything in here is invented by a program. Nobody in it exists.",
        "",
        "minkang sources sources.yaml",
    ]
    for source in sources:
        name = source["id"]
        if name not in sent:
            continue
        through = " --through-exchange" if "fhir" in source["channels"] else ""
        lines.append(f"minkang load {name} --source {name}{through}")
    lines += [f"minkang load --format counts --source {one} counts/{one}.csv" for one in told]
    return "\n".join(lines) + "\n"
