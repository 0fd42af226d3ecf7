"""A request for a correction as it is kept: its row, and the sealed Task with what was said."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from minkang.record.files.items import sheet_items
from minkang.store import Change, Connection, Scope, Store, lock_current, read_several, write

State = Literal["open", "forwarded", "accepted", "refused", "withdrawn"]

_WHOLE: Final = Scope.whole()


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """A request and where it stands; `words` of the answer, and who asked the source and why."""

    id: str
    person: str
    patient: str
    account: str
    item: str
    at: datetime
    due: datetime
    state: State
    institution: str
    responsible: str
    version: int
    answered: datetime | None
    answered_name: str
    wrong: str = ""
    right: str = ""
    evidence: str = ""
    forwarded_words: str = ""
    words: str = ""

    @property
    def of_sheet(self) -> bool:
        """Whether it is about an item of the file's sheet."""
        return self.item in sheet_items().items


def correction_in(row: Any) -> Correction:
    """The record of a row, without what its Task says."""
    said = {name: row[name] for name in Correction.__struct_fields__ if name in row.keys()}  # noqa: SIM118
    said["id"] = str(said["id"])
    return Correction(**said)


_INPUT: Final = ("wrong", "right", "evidence", "forwarded_words")


async def with_words(
    store: Store, connection: Connection, several: Sequence[Correction]
) -> list[Correction]:
    """With what their Tasks say."""
    if not several:
        return []
    stored = await read_several(
        store, connection, _WHOLE, "Task", [_task_id(one) for one in several]
    )
    tasks = {one.id: one.resource for one in stored if not one.deleted}
    found = []
    for one in several:
        task = tasks.get(_task_id(one), {})
        said = {
            str(part["type"]["text"]): str(part["valueString"])
            for part in [*task.get("input", []), *task.get("output", [])]
        }
        told = {name: said[name] for name in (*_INPUT, "words") if name in said}
        found.append(msgspec.structs.replace(one, **told))
    return found


async def keep_task(store: Store, connection: Connection, one: Correction) -> None:
    """Keep what was said, in the transaction of the row."""
    status = {
        "open": "requested", "forwarded": "received", "accepted": "completed",
        "refused": "rejected", "withdrawn": "cancelled",
    }  # fmt: skip
    task: dict[str, Any] = {
        "resourceType": "Task",
        "id": _task_id(one),
        "status": status[one.state],
        "intent": "order",
        "code": {"text": "更正申请"},
        "for": {"reference": f"Patient/{one.patient}"},
        "authoredOn": one.at.isoformat(timespec="seconds"),
        "owner": {"reference": f"Organization/{one.institution}"},
        "input": [
            {"type": {"text": name}, "valueString": getattr(one, name)}
            for name in _INPUT
            if getattr(one, name)
        ],
    }
    if one.words:
        task["output"] = [{"type": {"text": "words"}, "valueString": one.words}]
    locked = await lock_current(store, connection, [("Task", _task_id(one))])
    await write(store, connection, [Change(task, one.responsible)], locked)


def _task_id(one: Correction) -> str:
    return f"correction-{one.id}"
