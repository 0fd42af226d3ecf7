"""From the store to the facts of one document, within a scope. The only I/O of this package."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from minkang.exchange.documents.facts import Facts, refused
from minkang.fhir import Resource, local_reference
from minkang.store import Scope, Store, read, read_several


async def facts_of_document(store: Store, scope: Scope, document_id: str) -> Facts | None:
    """The facts of a document that came in; None if the scope shows no such DocumentReference.

    Neither its original nor its text is read: they may be gone.

    Raises:
        Refused: stage `write`: `layout` where it is not known how the document is laid out,
            `fact-missing` where a fact of it is gone or out of sight.
    """
    stored = await read(store, scope, "DocumentReference", document_id)
    if stored is None:
        return None
    document = stored.resource
    composition = await _composition(store, scope, document)
    resources = await load(store, scope, _pointed(composition))
    kind = next((one["code"] for one in document["type"]["coding"]), "")
    subject = composition["subject"]["reference"]
    if subject not in resources:
        raise _gone(subject)
    visit = composition.get("encounter", {}).get("reference", "")
    return Facts(
        kind=kind,
        document={key: value for key, value in document.items() if key != "content"},
        composition=composition,
        patient=resources[subject],
        encounter=resources.get(visit),
        resources=resources,
    )


async def load(
    store: Store, scope: Scope, wanted: Iterable[tuple[str, str]]
) -> dict[str, Resource]:
    """The resources of some types and ids that are there and in the scope, by reference."""
    by_type: dict[str, set[str]] = {}
    for kind, resource_id in wanted:
        by_type.setdefault(kind, set()).add(resource_id)
    found: dict[str, Resource] = {}
    async with store.readers.lent() as connection:
        for kind, ids in by_type.items():
            several = await read_several(store, connection, scope, kind, sorted(ids))
            found |= {f"{one.type}/{one.id}": one.resource for one in several}
    return found


async def _composition(store: Store, scope: Scope, document: Resource) -> Resource:
    """The Composition that a DocumentReference leads to.

    Raises:
        Refused: it leads to none.
    """
    for one in document.get("context", {}).get("related", ()):
        target = local_reference(one)
        if target is not None and target[0] == "Composition":
            stored = await read(store, scope, *target)
            if stored is None:
                raise _gone("/".join(target))
            return stored.resource
    text = "此文档没有保存版面（Composition）：其类别不能由平台重新生成，或收到时平台尚不支持"
    raise refused(f"DocumentReference/{document['id']}", "layout", text)


def _gone(reference: str) -> Exception:
    text = "文档所指的数据已不存在，或不在可见范围内，不能写成完整的文档"
    return refused(reference, "fact-missing", text)


def _pointed(composition: Resource) -> Iterator[tuple[str, str]]:
    """Whatever of patient, visit and facts a Composition points to."""
    names = ("subject", "encounter", "event", "section")
    waiting: list[Any] = [composition.get(name) for name in names]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            target = local_reference(one)
            if target is not None:
                yield target
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
