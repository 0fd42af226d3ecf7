"""Bytes to JSON, or the reason why not: UTF-8, no duplicate names, within all limits."""

import json
from decimal import InvalidOperation
from typing import Any

import msgspec

from minkang.fhir import Problem, Refused, decode


def read_json(raw: bytes) -> Any:
    """The JSON of a message.

    Raises:
        Refused: stage `parse`, rules `encoding`, `json`, `depth`, `number`, `duplicate-name`.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        said = f"第 {error.start + 1} 字节不是 UTF-8；FHIR 的 JSON 只用 UTF-8"
        raise _refused(f"第 {line} 行", "encoding", said) from None
    try:
        found = decode(raw)
        _check_names(text)
    except RecursionError:
        raise _refused("-", "depth", "JSON 嵌套过深") from None
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise _refused("-", "json", f"JSON 有误：{error}") from None
    except (InvalidOperation, ValueError, OverflowError):
        raise _refused("-", "number", "JSON 中的数字太大") from None
    return found


class _Doubled(dict[str, Any]):
    """An object in which a name stands twice."""

    name: str = ""


def _check_names(text: str) -> None:
    """A name that stands twice in an object means two things; which, readers do not agree on."""
    doubled: list[_Doubled] = []

    def made(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        bad = _Doubled(found)
        names = [name for name, _ in pairs]
        bad.name = next(name for name in names if names.count(name) > 1)
        doubled.append(bad)
        return bad

    whole = json.loads(text, object_pairs_hook=made, parse_float=str, parse_int=str)
    if doubled:
        first = doubled[0]
        said = f"同一对象中 {first.name[:64]!r} 出现两次，无法知道以哪个为准"
        raise _refused(_place(whole, first), "duplicate-name", said)


def _place(whole: Any, wanted: _Doubled) -> str:
    """Where an object lies in the JSON; not below another one that has a name twice."""
    waiting: list[tuple[str, Any]] = [("", whole)]
    while waiting:
        place, value = waiting.pop()
        if value is wanted:
            return f"{place}.{wanted.name[:64]}".lstrip(".")
        if isinstance(value, dict):
            of_type = value.get("resourceType")
            place = of_type if not place and isinstance(of_type, str) else place
            waiting += [(f"{place}.{name}", one) for name, one in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{place}[{number}]", one) for number, one in enumerate(value)]
    return wanted.name[:64]


def _refused(place: str, rule: str, text: str) -> Refused:
    return Refused([Problem("parse", place, rule, text)])
