"""The body of a document: its sections with their acts, as a form asks for them.

Each value is read from the resource that says it now. The Composition says where and under which
label it stands, and what the document itself said of facts that it shares with others.
Inverse of `minkang.exchange.mappings.cda.layout`.
"""

from collections.abc import Mapping
from html import unescape
from typing import Any, Final

from minkang.exchange.documents.extensions import extensions, first, parts, texts, value_of
from minkang.exchange.documents.facts import Facts, refused
from minkang.exchange.documents.names import oid_of, system_name
from minkang.exchange.mappings.cda import layout_terms as terms
from minkang.exchange.mappings.cda.said import Said, label_key, said
from minkang.exchange.mappings.cda.typed import Typed, typed

_PEOPLE: Final = ("performer", "author", "participant")
_NAMED: Final = {"#route": "route", "#form": "form", "#site": "site"}
_AMOUNTS: Final = {"#dose": "dose", "#rate": "rate"}

Item = dict[str, Any]


def sections(facts: Facts) -> list[Item]:
    """The sections of the body.

    Raises:
        Refused: `fact-missing`: a resource that the document points to is gone or out of sight.
    """
    body = _Body(facts)
    return [body.section(one) for one in facts.composition.get("section", ())]


class _Body:
    """What the facts say, each resource looked at once."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._said: dict[str, Said] = {}

    def section(self, content: Mapping[str, Any]) -> Item:
        return {
            **_name(content),
            "text": _narrative(content),
            "acts": [self._act(one) for one in content.get("section", ())],
        }

    def _act(self, content: Mapping[str, Any]) -> Item:
        """An act as an item under its name: `{"observation": [...]}`."""
        name = first(content, terms.ACT) or "observation"
        found: Item = _name(content)
        if name == "observation":
            found["value"] = self._value(content)
        self._heads(content, found)
        found |= _when(content)
        for kind in _PEOPLE:
            found[kind] = []
        for one in extensions(content, terms.PARTICIPATION):
            who = _participant(parts(one))
            found[who["kind"]].append(who)
        found["inner"] = [self._act(one) for one in content.get("section", ())]
        return {name: [found]}

    def _value(self, content: Mapping[str, Any]) -> Typed | None:
        """The value of a data element, from its resource or, where none says it, from here."""
        entries = content.get("entry", ())
        elements = self._elements(entries[0]) if entries else {}
        if (kept := next(extensions(content, terms.VALUE), None)) is not None:
            return _typed(kept)
        if where := first(content, terms.FROM):
            key, _, index = str(where).rpartition("/")
            return _at(elements.get(key, []), int(index))
        codings = content.get("code", {}).get("coding", ())
        values = elements.get(codings[0]["code"], []) if codings else []
        return _at(values or elements.get(label_key(content.get("title", "")), []), 0)

    def _heads(self, content: Mapping[str, Any], found: Item) -> None:
        for one in extensions(content, terms.HEAD):
            head = parts(one)
            key = head["name"]
            if "fact" in head:
                values = self._elements(head["fact"]).get(key, [])
                value = _at(values, head.get("index", 0))
            else:
                kept = next(extensions(one, "value"), None)
                value = _typed(kept) if kept else None
            if value is not None:
                _put_head(found, key, value)

    def _elements(self, reference: Mapping[str, Any]) -> Said:
        name = str(reference.get("reference", ""))
        if name not in self._said:
            resource = self._facts.resources.get(name)
            if resource is None:
                text = "文档所指的数据已不存在，或不在可见范围内，不能写成完整的文档"
                raise refused(name, "fact-missing", text)
            self._said[name] = said(resource)
        return self._said[name]


def _put_head(found: Item, key: str, value: Typed) -> None:
    if key == "#code":
        found |= _coded(value)
    elif key in _NAMED:
        found[_NAMED[key]] = _coded(value)
    elif key in _AMOUNTS:
        found[_AMOUNTS[key]] = {"value": value.text, "unit": value.more}
    elif key in ("#drug", "#drug-code"):
        drug = found.setdefault("drug", {})
        drug["name" if key == "#drug" else "code"] = value.text
    elif key in ("#text", "#code-text"):
        found["text" if key == "#text" else "code_text"] = value.text


def _coded(value: Typed) -> Item:
    if value.type != "CD":
        return {"code": "", "name": value.text, "system": "", "system_name": ""}
    return {
        "code": value.text,
        "name": value.more,
        "system": oid_of(value.system),
        "system_name": system_name(value.system),
    }


def _name(content: Mapping[str, Any]) -> Item:
    """Code, system, label and qualifier of a section or data element."""
    concept = content.get("code", {})
    coding: Item = next(iter(concept.get("coding", ())), {})
    system = coding.get("system", "")
    return {
        "code": coding.get("code", ""),
        "system": oid_of(system),
        "system_name": system_name(system) if system else "",
        "name": content.get("title", ""),
        "qualifier": concept.get("text", ""),
    }


def _narrative(content: Mapping[str, Any]) -> str:
    text = content.get("text", {})
    if text.get("status") != "additional":
        return ""
    return unescape(str(text["div"]).partition(">")[2].removesuffix("</div>"))


def _when(content: Mapping[str, Any]) -> Item:
    found: Item = {}
    for one in extensions(content, terms.TIME):
        time = value_of(one)
        ends = isinstance(time, Mapping)
        found |= {"low": time.get("start"), "high": time.get("end")} if ends else {"time": time}
    return found


def _participant(found: Mapping[str, Any]) -> Item:
    """Somebody, or something, that took part."""
    said_of = texts(found)
    item: Item = {key: said_of[key] for key in ("kind", "time", "role", "number") if key in said_of}
    item |= {"person": said_of.get("person", ""), "type": said_of.get("type", "")}
    item["organization"] = {
        "name": said_of.get("organization", ""),
        "number": said_of.get("organization-number", ""),
        "whole": said_of.get("whole", ""),
        "whole_number": said_of.get("whole-number", ""),
    }
    if thing := said_of.get("thing"):
        item |= {"desc": thing, "class": "MANU", "entity": "MMAT"}
        item |= {key: said_of.get(key, "") for key in ("code", "system", "name")}
        item["system_name"] = system_name(f"urn:oid:{item['system']}")
    return item


def _typed(holder: Mapping[str, Any]) -> Typed | None:
    key = next((one for one in holder if one.startswith("value")), "")
    return typed((key[5:], value_of(holder))) if key else None


def _at(values: list[Typed], index: int) -> Typed | None:
    """A value of a key; the last where there are fewer than there were."""
    return values[min(index, len(values) - 1)] if values else None
