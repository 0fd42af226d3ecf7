"""A target: where it is, what it gets, in which form."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from minkang.fhir import TYPE_CODES
from minkang.store import Connection, Grade, Grant, Scope

Form = Literal["fhir", "document", "wst", "table"]


class Target(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A system that gets what changes.

    Attributes:
        id: short name; its secret lies in the file of this name in `targets` beside the keys.
        name: what people call it (Chinese).
        form: FHIR bundles, WS/T 500 documents, the same registered by WS/T services, or rows.
        address: URL that takes them (`https://…/exchange/city`, `…/wst`), or of a PostgreSQL
            database for rows.
        types: resource types that it gets; documents go out for DocumentReference alone.
        sources: organisations whose data it gets; None is all.
        sensitive: whether it gets what is graded sensitive, too.
        columns: for rows: the table's columns and the FHIRPath that fills each, by type, under
            `table` its name: `{"Patient": {"table": "jumin", "xm": "name.text"}}`.
        batch: how many resources go out together at most.
        contact: whom to call.
        trouble: why nothing could be sent the last time; empty if it could.
        next_try: not before then.
    """

    id: str
    name: str
    form: Form
    address: str
    types: Annotated[tuple[str, ...], Meta(min_length=1)]
    sources: tuple[str, ...] | None = None
    sensitive: bool = False
    columns: dict[str, dict[str, str]] = {}
    batch: Annotated[int, Meta(ge=1, le=300)] = 100
    contact: str = ""
    enabled: bool = True
    trouble: str = ""
    troubles: int = 0
    next_try: datetime | None = None

    def __post_init__(self) -> None:
        if unknown := [one for one in self.types if one not in TYPE_CODES]:
            raise ValueError(f"{unknown[0]} is no FHIR type")
        if self.form in ("document", "wst") and self.types != ("DocumentReference",):
            raise ValueError("documents are made of DocumentReference alone")
        if self.form == "table" and set(self.columns) != set(self.types):
            raise ValueError("columns must say for each type what goes into the table")

    @property
    def consumer(self) -> str:
        """Its name as a reader of the change feed."""
        return f"target:{self.id}"

    @property
    def scope(self) -> Scope:
        """What it may get."""
        return self._scope(frozenset(self.types))

    @property
    def content(self) -> Scope:
        """What a document for it may be written of."""
        return self._scope(None)

    def _scope(self, types: frozenset[str] | None) -> Scope:
        grade = Grade.SENSITIVE if self.sensitive else Grade.PERSONAL
        sources = frozenset(self.sources) if self.sources is not None else None
        return Scope((Grant(grade=grade, types=types, sources=sources),))


class TargetError(Exception):
    """A description of targets is wrong; says file and field."""


def load_targets(path: Path) -> list[Target]:
    """Read descriptions of targets from a YAML file (a list).

    Raises:
        TargetError: not YAML, or a field is unknown, missing or has a wrong value.
    """
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=list[Target])
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise TargetError(f"{path}: {error}") from error


async def save_target(connection: Connection, target: Target) -> None:
    """Register a target, or change it; a change of trouble's cause lets it try at once."""
    await connection.execute(
        """insert into exchange.target (id, name, form, address, types, sources, sensitive,
               columns, batch, contact, enabled)
           values ($1, $2, $3, $4, $5, $6, $7, $8::text::jsonb, $9, $10, $11)
           on conflict (id) do update set name = excluded.name, form = excluded.form,
               address = excluded.address, types = excluded.types, sources = excluded.sources,
               sensitive = excluded.sensitive, columns = excluded.columns,
               batch = excluded.batch, contact = excluded.contact, enabled = excluded.enabled,
               trouble = '', troubles = 0, next_try = null""",
        target.id,
        target.name,
        target.form,
        target.address,
        list(target.types),
        list(target.sources) if target.sources is not None else None,
        target.sensitive,
        msgspec.json.encode(target.columns).decode(),
        target.batch,
        target.contact,
        target.enabled,
    )


async def targets(connection: Connection) -> dict[str, Target]:
    """All targets by id."""
    rows = await connection.fetch(
        """select id, name, form, address, types, sources, sensitive, columns::text as columns,
                  batch, contact, enabled, trouble, troubles, next_try
           from exchange.target order by id"""
    )
    return {
        row["id"]: msgspec.convert({**row, "columns": msgspec.json.decode(row["columns"])}, Target)
        for row in rows
    }


def secret_of(folder: Path, target: str) -> str:
    """The secret that a target wants to see: the file of its name, empty if there is none."""
    file = folder / target
    return file.read_text(encoding="utf-8").strip() if file.is_file() else ""
