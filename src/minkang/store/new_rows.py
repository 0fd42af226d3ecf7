"""The rows that changes become, in all tables. Pure, but for what the store remembers of hashes."""

from collections.abc import Sequence

import msgspec

from minkang.fhir import TYPE_CODES, encode, patients_of
from minkang.fhir.extract import Extracted, extract
from minkang.store.changes import Change, Locked, Outcome
from minkang.store.clinical_date import clinical_date
from minkang.store.copy_rows import ResourceRow, moment, since_2000
from minkang.store.grade import label_of
from minkang.store.index_rows import INDEXED, IndexRows, add_rows
from minkang.store.store import Store
from minkang.store.terms import Terms, resource_hash
from minkang.store.vault import about_resource


class NewRows(msgspec.Struct):
    """What some changes put into the tables.

    `compartments` are (patient, type, dated as `moment`, sequence) of further patients.
    """

    resources: list[ResourceRow] = []
    compartments: list[tuple[int, int, int, int]] = []
    index: IndexRows = msgspec.field(default_factory=IndexRows)


def rows_of(
    store: Store, made: Sequence[tuple[Change, Outcome]], locked: Locked
) -> tuple[NewRows, dict[tuple[str, str], bytes]]:
    """The rows of the new versions, and their bodies by type and id."""
    rows = NewRows()
    bodies: dict[tuple[str, str], bytes] = {}
    stamp = locked.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    at = moment(locked.at)
    for change, outcome in made:
        bodies[outcome.type, outcome.id] = _body(change, outcome, stamp)
    # One step for all, then the next: the compressor's tables and all that indexing looks up
    # don't fit into a processor's cache together.
    packed = [
        store.codec.pack(
            bodies[one.type, one.id], about_resource(TYPE_CODES[one.type], one.id, one.version)
        )
        for _, one in made
    ]
    for (change, outcome), body, sequence in zip(made, packed, locked.sequences, strict=False):
        _add_row(store.terms, change, outcome, at, sequence, body, rows)
    return rows, bodies


_NOTHING = Extracted([], [], [], [], [], [], [], [], [], [], [], [], [], 0)


def _add_row(
    terms: Terms,
    change: Change,
    outcome: Outcome,
    at: int,
    sequence: int,
    body: bytes,
    rows: NewRows,
) -> None:
    """Add the rows of a new version; `at` is the time of the write as `moment`."""
    kind, resource_id = outcome.type, outcome.id
    resource = change.resource
    values = _NOTHING if change.deleted else extract(resource)
    marks = add_rows(terms, kind, values, sequence, rows.index)
    patients = sorted([resource_hash("Patient", patient) for patient in patients_of(resource)])
    part = patients[0] if patients else resource_hash(kind, resource_id)
    begun = clinical_date(values)
    dated = at if begun is None else since_2000(begun)
    rows.resources.append(
        ResourceRow(
            type=TYPE_CODES[kind],
            id=resource_id,
            part=part,
            version=outcome.version,
            updated=at,
            deleted=change.deleted,
            source=change.source,
            grade=label_of(resource),
            patients=patients,
            dated=dated,
            marks=marks,
            present=values.present,
            indexed=INDEXED,
            note=change.note,
            body=body,
            sequence=sequence,
        )
    )
    if not change.deleted:
        # The first compartment is `part` of the row itself.
        rows.compartments += [
            (patient, TYPE_CODES[kind], dated, sequence) for patient in patients[1:]
        ]


def _body(change: Change, outcome: Outcome, stamp: str) -> bytes:
    """The JSON as it is kept: type, id and meta first, then the rest as it came."""
    resource = change.resource
    meta = {
        **resource.get("meta", {}),
        "versionId": str(outcome.version),
        "lastUpdated": stamp,
    }
    whole = {"resourceType": outcome.type, "id": outcome.id, "meta": meta, **resource}
    whole["meta"] = meta
    return encode(whole)
