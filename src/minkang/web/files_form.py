"""The form of the sheet: its fields, and what somebody typed into it. No I/O."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from litestar.datastructures import FormMultiDict

from minkang.record.files.items import Item, sheet_items
from minkang.record.files.sheet import Sheet
from minkang.web.files_words import told
from minkang.web.visitor import Visitor

_MOST = 200

Typed = Mapping[str, tuple[str, ...]]


def typed_in(data: FormMultiDict, *, own: bool = False) -> dict[str, tuple[str, ...]]:
    """By item what was typed; an item that the form did not bring is left out."""
    shown = {str(one) for one in data.getall("shown", [])}
    found: dict[str, tuple[str, ...]] = {}
    for key, item in sheet_items().items.items():
        if key not in shown or item.fixed or (own and not item.own):
            continue
        several = [str(one).strip()[:_MOST] for one in data.getall(key, [])]
        if item.kind == "list" and several:
            several = [one.strip() for one in several[0].replace("，", "、").split("、")]
        found[key] = tuple(one for one in several if one)
    return found


def changed(typed: Typed, sheet: Sheet) -> dict[str, list[str]]:
    """Of what was typed that which differs from what stands."""
    return {
        key: list(values)
        for key, values in typed.items()
        if set(values) != set(sheet[key].values if key in sheet else ())
    }


def form_groups(
    visitor: Visitor,
    sheet: Sheet,
    typed: Typed | None = None,
    *,
    wrong: Iterable[str] = (),
    wanted: Callable[[Item], bool] = lambda item: not item.fixed,
) -> list[dict[str, Any]]:
    """The fields by group; what was typed stands over what the sheet says."""
    items, bad = sheet_items(), set(wrong)
    found = []
    for group, words in items.groups.items():
        fields = []
        for key, item in items.items.items():
            if item.group != group or not wanted(item):
                continue
            now = sheet[key].values if key in sheet else ()
            values = typed.get(key, now) if typed is not None else now
            choices = [(code, told(visitor, text)) for code, text in item.codes.items()]
            choices += [(one, one) for one in values if item.codes and one not in item.codes]
            fields.append(
                {
                    "key": key,
                    "words": told(visitor, item.zh),
                    "kind": item.kind,
                    "required": item.required,
                    "values": values,
                    "text": "、".join(values),
                    "choices": choices,
                    "wrong": key in bad,
                }
            )
        if fields:
            found.append({"key": group, "words": told(visitor, words), "fields": fields})
    return found
