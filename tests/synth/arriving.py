"""What a region says of its messages, and what arrives of them: files, as a load reads them."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyarrow.parquet as pq

from minkang.app.load_arrivals import Arrived, For, arrivals
from minkang.app.load_files import kind_of
from minkang.app.load_messages import MessageFile
from minkang.exchange import Source, load_sources
from minkang.exchange.inbox import Arrival

Key = tuple[str, str, str]
"""Source, channel, and the message's own number there; of a bundle none."""
Fates = dict[Key, set[str]]
"""What became of messages: `ok`, or the rules by which they were refused."""


def expected(out: Path) -> Fates:
    """What the truth of a region says that should become of its messages."""
    columns = ["source", "channel", "name", "number", "expected"]
    found: Fates = {}
    for one in pq.read_table(out / "truth" / "messages.parquet", columns=columns).to_pylist():
        number = one["number"]
        if one["channel"] == "document":
            number = one["name"].partition(":")[2]
        found.setdefault((one["source"], one["channel"], number), set()).add(one["expected"])
    return found


def files(out: Path) -> list[MessageFile]:
    """The files that the sources of a region sent, each for the source of its folder."""
    folders = sorted(one for one in (out / "sent").iterdir() if one.is_dir())
    return [
        MessageFile(file, kind_of(str(file)), folder.name)
        for folder in folders
        if folder.name != "counts"
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    ]


def sources_of(out: Path) -> dict[str, Source]:
    """The sources of a region as they stand once they are registered."""
    return {
        one.id: msgspec.structs.replace(one, namespace=one.namespace or one.id)
        for one in load_sources(out / "sent" / "sources.yaml")
    }


def arrived(out: Path) -> Iterator[Arrived]:
    """Everything in the files, looked at as at the door: what the mappings refuse has problems."""
    known = sources_of(out)
    for file in files(out):
        assert file.source is not None
        whom = For(known, b"k" * 32, known[file.source])
        yield from arrivals(whom, str(file.path), file.kind)


def key_of(arrival: Arrival, file: str) -> Key:
    """By what the truth knows a message; a document by its file, where its own number is hidden."""
    assert arrival.source is not None
    number = Path(file).stem if arrival.channel == "document" else arrival.control_id
    return arrival.source, arrival.channel, "" if arrival.channel == "fhir" else number
