"""The mapping language: FHIR written in YAML, with columns at its leaves.

A leaf is a mapping with `column` (and `as`, `codes`, `required`), `template` (a text with
`{column}` inside), or `reference` (the resource of that type above). Errors name file, line, field.
"""

from pathlib import Path
from string import Formatter
from typing import Any, Literal, get_args

import msgspec
import yaml

from minkang.fhir import TYPE_CODES

Form = Literal["text", "date", "datetime", "decimal", "integer"]


class MappingError(Exception):
    """A mapping file is wrong; the text names file, line, field and reason."""


class Column(msgspec.Struct, frozen=True):
    """A leaf filled from a column."""

    column: str
    form: Form = "text"
    codes: dict[str, str] | None = None
    required: bool = False


class Template(msgspec.Struct, frozen=True):
    """A leaf of text with columns inside; empty if all of them are."""

    text: str
    columns: tuple[str, ...]


class Target(msgspec.Struct, frozen=True):
    """A leaf that refers to the resource of a type made above in the same mapping."""

    type: str


class ResourceRule(msgspec.Struct, frozen=True):
    """One resource that a row makes: its type, its number, its elements.

    `when` names a column without which the resource is not made.
    """

    type: str
    number: Template
    elements: dict[str, Any]
    when: str | None = None


class TableMapping(msgspec.Struct, frozen=True):
    """How a row of a table becomes resources.

    Attributes:
        table: the table's name, shown as the kind of its messages.
        row: column that names a row; a later row of that name replaces the earlier.
        changed: column with the time of the row's last change.
        resources: in the order in which references look back.
    """

    name: str
    table: str
    row: str
    changed: str
    resources: tuple[ResourceRule, ...]


class _Lined(dict[str, Any]):
    line: int = 0


class _Loader(yaml.SafeLoader):
    pass


def _lined(loader: yaml.SafeLoader, node: yaml.MappingNode) -> _Lined:
    pairs = loader.construct_mapping(node, deep=True)
    found = _Lined((str(key), value) for key, value in pairs.items())
    found.line = node.start_mark.line + 1
    if len(found) != len(node.value):
        raise yaml.constructor.ConstructorError(None, None, "a key stands twice", node.start_mark)
    return found


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _lined)


def load_mapping(path: Path, text: str | None = None) -> TableMapping:
    """Read and check a mapping file.

    Raises:
        MappingError: it is no YAML, a field is unknown or missing, a type is no FHIR type, a
            reference points to nothing above it.
    """
    try:
        # _Loader is a SafeLoader that also keeps line numbers.
        content = yaml.load(text or path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
    except yaml.YAMLError as error:
        raise MappingError(f"{path.name}: {error}") from error
    compiler = _Compiler(path)
    return compiler.mapping(content)


class _Compiler:
    """Checks the parsed YAML and turns it into rules; knows the file for its errors."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: list[str] = []

    def mapping(self, content: Any) -> TableMapping:
        self._fields(content, {"table", "row", "changed", "resources"}, set())
        rules = content["resources"]
        if not isinstance(rules, list) or not rules:
            raise self._error(content, "resources", "must be a list of at least one resource")
        return TableMapping(
            self._path.stem,
            self._string(content, "table"),
            self._string(content, "row"),
            self._string(content, "changed"),
            tuple(self._rule(rule) for rule in rules),
        )

    def _rule(self, rule: Any) -> ResourceRule:
        self._fields(rule, {"type", "number", "set"}, {"when"})
        kind = self._string(rule, "type")
        if kind not in TYPE_CODES:
            raise self._error(rule, "type", f"{kind!r} is not a FHIR R4 resource type")
        if not isinstance(rule["set"], _Lined):
            raise self._error(rule, "set", "must be a mapping of elements")
        self._seen.append(kind)
        elements = {key: self._node(value, rule) for key, value in rule["set"].items()}
        number = self._template(rule, "number", self._string(rule, "number"))
        when = self._string(rule, "when") if "when" in rule else None
        return ResourceRule(kind, number, elements, when)

    def _node(self, value: Any, parent: Any) -> Any:
        if isinstance(value, list):
            return [self._node(item, parent) for item in value]
        if not isinstance(value, _Lined):
            return value
        if "column" in value:
            self._fields(value, {"column"}, {"as", "codes", "required"})
            form = value.get("as", "text")
            if form not in get_args(Form):
                raise self._error(value, "as", f"{form!r} is none of {', '.join(get_args(Form))}")
            codes = value.get("codes")
            if codes is not None:
                codes = {str(key): str(code) for key, code in codes.items()}
            required = value.get("required", False) is True
            return Column(self._string(value, "column"), form, codes, required)
        if "template" in value:
            self._fields(value, {"template"}, set())
            return self._template(value, "template", self._string(value, "template"))
        if "reference" in value and isinstance(value["reference"], str):
            self._fields(value, {"reference"}, set())
            if value["reference"] not in self._seen[:-1]:
                raise self._error(value, "reference", f"no {value['reference']} above")
            return Target(value["reference"])
        return {key: self._node(item, value) for key, item in value.items()}

    def _template(self, node: Any, field: str, text: str) -> Template:
        try:
            columns = tuple(name for _, name, _, _ in Formatter().parse(text) if name)
        except ValueError as error:
            raise self._error(node, field, str(error)) from error
        if not columns:
            raise self._error(node, field, "names no {column}")
        return Template(text, columns)

    def _fields(self, node: Any, required: set[str], allowed: set[str]) -> None:
        if not isinstance(node, _Lined):
            raise MappingError(f"{self._path.name}: expected fields {', '.join(sorted(required))}")
        for name in sorted(required - node.keys()):
            raise self._error(node, name, "is missing")
        for name in node.keys() - required - allowed:
            raise self._error(node, str(name), "is not known here")

    def _string(self, node: _Lined, name: str) -> str:
        value = node[name]
        if not isinstance(value, str) or not value:
            raise self._error(node, name, "must be a text")
        return value

    def _error(self, node: Any, field: str, reason: str) -> MappingError:
        line = getattr(node, "line", 0)
        return MappingError(f"{self._path.name}:{line}: {field}: {reason}")
