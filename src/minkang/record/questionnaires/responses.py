"""Answers as a QuestionnaireResponse (FHIR R4), and back into the fields of the form."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from minkang.fhir import Resource
from minkang.record.questionnaires.answers import Answers, Value
from minkang.record.questionnaires.definitions import Form, Item
from minkang.record.writing.about import About, account_reference


def response_of(answers: Answers, about: About) -> Resource:
    """The response as completed; what was not asked or not answered is left out."""
    form = answers.form
    return {
        "resourceType": "QuestionnaireResponse",
        "id": about.key,
        "questionnaire": form.canonical,
        "status": "completed" if about.version == 0 else "amended",
        "subject": {"reference": f"Patient/{about.patient}"},
        "encounter": {"reference": f"Encounter/{about.key}-visit"},
        "authored": about.now.isoformat(timespec="seconds"),
        "author": account_reference(about),
        "item": [one for item in form.items for one in _items(answers, item)],
    }  # fmt: skip


def _items(answers: Answers, item: Item) -> Iterator[dict[str, Any]]:
    if item.kind != "group":
        yield from _answered(answers, item, "")
        return
    for row in range(item.rows if item.repeats else 1):
        behind = f".{row}" if item.repeats else ""
        inside = [one for part in item.items for one in _answered(answers, part, behind)]
        if inside:
            yield {"linkId": item.link, "text": item.words.zh, "item": inside}


def _answered(answers: Answers, item: Item, behind: str) -> Iterator[dict[str, Any]]:
    if item.kind == "choice" and item.repeats:
        found = [_coding(item, code) for code in answers.chosen(item.link)]
    else:
        value = answers.values.get(f"{item.link}{behind}")
        found = [] if value is None else [_value(item, value)]
    if found:
        yield {"linkId": item.link, "text": item.words.zh, "answer": found}


def _value(item: Item, value: Value) -> dict[str, Any]:
    if isinstance(value, Decimal):
        if item.kind == "integer":
            return {"valueInteger": int(value)}
        return {"valueDecimal": value}
    if isinstance(value, date):
        return {"valueDate": value.isoformat()}
    return _coding(item, value) if item.kind == "choice" else {"valueString": value}


def _coding(item: Item, code: str) -> dict[str, Any]:
    option = next(one for one in item.options if one.code == code)
    coding = {"code": code, "display": option.words.zh}
    return {"valueCoding": {"system": option.system, **coding} if option.system else coding}


def fields_said(form: Form, response: Resource) -> dict[str, str]:
    """What stands in the fields of the form for a stored response."""
    fields: dict[str, str] = {}
    seen: dict[str, int] = {}
    for group in response.get("item", []):
        link = group.get("linkId", "")
        behind = ""
        if _repeats(form, link):
            behind = f".{seen.get(link, 0)}"
            seen[link] = seen.get(link, 0) + 1
        for one in (group, *group.get("item", [])):
            fields.update(_fields(form, one, behind))
    return fields


def _repeats(form: Form, link: str) -> bool:
    return any(one.link == link and one.repeats and one.kind == "group" for one in form.items)


def _fields(form: Form, said: Mapping[str, Any], behind: str) -> Iterator[tuple[str, str]]:
    known = {one.link: one for one in form.each()}
    item = known.get(said.get("linkId", ""))
    if item is None:
        return
    for answer in said.get("answer", []):
        text = _typed(answer)
        if item.kind == "choice" and item.repeats:
            yield f"{item.link}.{text}", text
        else:
            yield f"{item.link}{behind}", text


def _typed(answer: Mapping[str, Any]) -> str:
    if "valueCoding" in answer:
        return str(answer["valueCoding"]["code"])
    found = next((v for name, v in answer.items() if name.startswith("value")), "")
    return str(found)
