"""An installation to load into: a state folder with keys, and a database of its own."""

import asyncio
import bz2
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from minkang.app.load_fhir import Wish, load_fhir
from minkang.app.load_report import Report
from minkang.config import Settings
from minkang.fhir import Resource, encode

_SYNTHEA = Path(__file__).resolve().parents[3] / "shared" / "data" / "synthea-122-bundles.tar"


class Place(msgspec.Struct, frozen=True):
    """Where a test loads into, and the folder for its files."""

    settings: Settings
    url: str
    folder: Path

    def file(self, name: str, *resources: Resource | bytes | str) -> str:
        """A file of lines: resources, or lines as they are."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(line_of(one) + b"\n" for one in resources))
        return str(path)

    async def load(
        self, *files: str, source: str = "h1", workers: int = 2, resume: bool = True
    ) -> Report:
        """Load files, as the command does."""
        return await load_fhir(self.settings, self.url, Wish(files, source, workers, resume))

    async def fetch(self, sql: str, *values: Any) -> Any:
        """Look into the database."""
        connection = await asyncpg.connect(self.url)
        try:
            return await connection.fetch(sql, *values)
        finally:
            await connection.close()

    async def count(self) -> int:
        """How many resources there are, but for what identity makes of them."""
        rows = await self.fetch(
            "select count(*) as n from store.resource where source <> '' and not deleted"
        )
        return int(rows[0]["n"])


def line_of(given: Resource | bytes | str) -> bytes:
    """A line without its end."""
    if isinstance(given, bytes):
        return given
    return given.encode() if isinstance(given, str) else encode(given)


def told(report: Report) -> list[tuple[int, str, str]]:
    """Line, place and rule of the problems, in the order of the lines."""
    return sorted((one.line, one.path, one.rule) for one in report.problems)


def counts(report: Report) -> tuple[int, int, int]:
    """Accepted, unchanged, refused."""
    return report.accepted, report.unchanged, report.refused


def patient(resource_id: str, **more: Any) -> Resource:
    """A Patient."""
    return {"resourceType": "Patient", "id": resource_id, "gender": "male", **more}


def bundle(kind: str, *entries: dict[str, Any]) -> Resource:
    """A Bundle."""
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def synthea(folder: Path, names: Sequence[str] | None = None, smallest: int = 0) -> list[Path]:
    """Synthea's bundles of the names, or the two of institutions and staff and the smallest."""
    if not _SYNTHEA.exists():
        pytest.skip("NOT RUN: ../shared/data/synthea-122-bundles.tar is not there")
    with tarfile.open(_SYNTHEA) as archive:
        members = [one for one in archive if one.name.endswith(".bz2")]
        first = [one for one in members if Path(one.name).name.startswith("0-")]
        others = sorted((one for one in members if one not in first), key=lambda one: one.size)
        chosen = members if not smallest else [*others[:smallest], *first]
        paths = []
        for member in chosen:
            held = archive.extractfile(member)
            assert held is not None
            path = folder / Path(member.name).name
            path.write_bytes(held.read())
            paths.append(path)
    return paths


def entries_in(path: Path) -> list[Any]:
    """The entries of a packed bundle."""
    found: list[Any] = msgspec.json.decode(bz2.decompress(path.read_bytes()))["entry"]
    return found


def run(coroutine: Any) -> Any:
    """Run outside of a loop."""
    return asyncio.run(coroutine)
