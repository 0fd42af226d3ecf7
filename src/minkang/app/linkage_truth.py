"""The links of a demonstration against the truth that its region keeps beside what it sent."""

from collections.abc import Iterator
from pathlib import Path

from pyarrow import parquet

from minkang.app.platform import Platform
from minkang.exchange import Source, sources
from minkang.exchange.ids import derive_id
from minkang.identity.linkage.evaluate import Evaluation, evaluated


class NoTruth(Exception):  # noqa: N818 - reads as what happened
    """This installation holds no demonstration whose truth is known."""


async def links_against_truth(platform: Platform, truth_folder: Path) -> Evaluation:
    """Figures of the links in the database, over the Patients that the files of the truth know.

    Raises:
        NoTruth: there are no files of the truth.
    """
    file = truth_folder / "registrations.parquet"
    if not file.exists():
        raise NoTruth(f"there is no {file.name}: no demonstration has been made here")
    async with platform.pool.acquire() as connection:
        known = await sources(connection)
        links = await connection.fetch("select patient, person from identity.link")
        reviews = await connection.fetch("select a, b from identity.review")
    persons = {row["patient"]: row["person"] for row in links}
    truth = {
        patient: person
        for patient, person in _truth(platform.keys.id_key, known, file)
        if patient in persons
    }
    groups: dict[str, list[str]] = {}
    for patient in truth:
        groups.setdefault(persons[patient], []).append(patient)
    return evaluated(truth, groups.values(), [(row["a"], row["b"]) for row in reviews])


def line_of(found: Evaluation) -> str:
    """One line for people: duplicates found, missed, wrong; Chinese first."""
    return (
        f"主索引 links: 重复登记 duplicates found {found.right}, 漏 missed {found.missed}, "
        f"误 wrong {found.wrong}, 待审 to review {found.reviews} "
        f"({found.records} 条登记 registrations, {found.people} 人 people)"
    )


def _truth(id_key: bytes, known: dict[str, Source], file: Path) -> Iterator[tuple[str, str]]:
    """Id of the Patient and key of the person, for each registration.

    The truth names systems; the tables of one system number the same people.
    """
    spaces = {source.namespace or source.id: source for source in known.values()}
    table = parquet.read_table(file, columns=["person", "source", "patient"])
    for row in table.to_pylist():
        source = spaces.get(row["source"])
        if source is not None and row["patient"]:
            yield derive_id(id_key, source, "Patient", row["patient"], 0), row["person"]
