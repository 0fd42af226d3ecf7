"""A mapping file read and checked: YAML with line numbers into the language's records."""

import re
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from string import Formatter
from typing import Any, get_args

import yaml

from minkang.exchange.mappings.tables.language import (
    All,
    Column,
    Condition,
    Form,
    MappingError,
    ResourceRule,
    Split,
    TableMapping,
    Target,
    Template,
)
from minkang.exchange.mappings.tables.national import nearest_tables, table_url
from minkang.fhir import TYPE_CODES

_MOST_REPEATS = 50
_MOST_LISTED = 300
_DEEPEST = 40
_BOOL = "tag:yaml.org,2002:bool"
_BOOLEAN = re.compile(r"true|false")
_LEAF = {"as", "codes", "required", "table", "strict", "unit"}
_WORDS = "words"  # said for `as`: the meanings that the file gives to the column's codes


class _Lined(dict[str, Any]):
    line: int = 0


class _Loader(yaml.SafeLoader):
    """A SafeLoader that keeps line numbers, without aliases.

    Dates, and words such as `no` and `on`, are the texts that they are.
    """

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """The next node; one that would make the file grow without end is refused."""
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "an alias can't stand here", mark)
        if self._depth >= _DEEPEST:
            raise yaml.composer.ComposerError(None, None, "nested too deeply", mark)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


_Loader.yaml_implicit_resolvers = {
    mark: [
        (tag, _BOOLEAN if tag == _BOOL else pattern)
        for tag, pattern in found
        if tag != "tag:yaml.org,2002:timestamp"
    ]
    for mark, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


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
            reference points to nothing above it, a code table is none.
    """
    try:
        given = path.read_text(encoding="utf-8") if text is None else text
        # _Loader is a SafeLoader.
        content = yaml.load(given, Loader=_Loader)  # noqa: S506
    # A value under a tag that does not fit it (`!!bool x`) comes as what Python says of it.
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, LookupError, ValueError) as error:
        raise MappingError(f"{path.name}: {error}") from error
    return _Reader(path).mapping(content)


class _Reader:
    """Checks the parsed YAML and turns it into rules; knows the file for its errors."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._row = ""
        self._above: set[str] = set()
        self._split: str | None = None
        self._words: dict[str, dict[str, str]] = {}
        self._worded: set[str] = set()

    def mapping(self, content: Any) -> TableMapping:
        self._fields(content, {"table", "row", "resources"}, {"changed", "deleted", "words"})
        rules = content["resources"]
        if not isinstance(rules, list) or not rules:
            raise self._error(content, "resources", "must be a list of at least one resource")
        self._row = self._string(content, "row")
        changed = self._string(content, "changed") if "changed" in content else None
        deleted = self._deleted(content["deleted"]) if "deleted" in content else None
        if "words" in content:
            self._words = self._meanings(content["words"], content)
        made = tuple(made for rule in rules for made in self._rules(rule))
        for column in sorted(self._words.keys() - self._worded):
            raise self._error(content, "words", f"no leaf `as: words` reads {column!r}")
        return TableMapping(
            self._path.stem, self._string(content, "table"), self._row, changed, made, deleted
        )

    def _meanings(self, node: Any, content: _Lined) -> dict[str, dict[str, str]]:
        """What codes mean, by column: a list of `{columns: [...], codes: {code: word}}`."""
        if not isinstance(node, list):
            raise self._error(content, "words", "must be a list of columns and their codes")
        found: dict[str, dict[str, str]] = {}
        for one in node:
            self._fields(one, {"columns", "codes"}, set())
            columns, codes = one["columns"], one["codes"]
            if not isinstance(columns, list) or not columns:
                raise self._error(one, "columns", "must be a list of at least one column")
            if not isinstance(codes, dict) or not codes:
                raise self._error(one, "codes", "must be a mapping of codes to words")
            means = {_plain(code): _plain(word) for code, word in codes.items()}
            for column in map(_plain, columns):
                if column in found:
                    raise self._error(one, "columns", f"{column!r} stands twice")
                found[column] = means
        return found

    def _deleted(self, node: Any) -> Condition:
        self._fields(node, {"column", "values"}, set())
        values = node["values"]
        if not isinstance(values, list) or not values:
            raise self._error(node, "values", "must be a list of at least one value")
        return Condition(self._string(node, "column"), tuple(_plain(one) for one in values))

    def _rules(self, rule: Any) -> list[ResourceRule]:
        """One rule, or as many as its `repeat` says."""
        if not isinstance(rule, _Lined) or "repeat" not in rule:
            return [self._rule(rule)]
        times = rule["repeat"]
        if isinstance(times, list):
            return self._listed(rule, times)
        if type(times) is not int or not 1 <= times <= _MOST_REPEATS:
            raise self._error(rule, "repeat", f"must be a number from 1 to {_MOST_REPEATS}")
        if "when" not in rule:
            raise self._error(rule, "when", "is missing beside repeat")
        if "{n}" not in str(rule.get("number")):
            raise self._error(rule, "number", "must hold {n} beside repeat")
        return [self._rule(_put(_once(rule), {"{n}": str(n)})) for n in range(1, times + 1)]

    def _listed(self, rule: _Lined, items: list[Any]) -> list[ResourceRule]:
        """One rule for each item of a list: its fields stand for `{field}` in the rule."""
        if not items or len(items) > _MOST_LISTED:
            raise self._error(rule, "repeat", f"must hold 1 to {_MOST_LISTED} items")
        found = []
        for item in items:
            if not isinstance(item, _Lined) or item.keys() != items[0].keys():
                raise self._error(item, "repeat", "all items must have the same fields")
            for name, value in item.items():
                if isinstance(value, dict | list) or value is None:
                    raise self._error(item, name, "must be a text")
            fields = {f"{{{name}}}": _plain(value) for name, value in item.items()}
            found.append(self._rule(_put(_once(rule), fields)))
        return found

    def _rule(self, rule: Any) -> ResourceRule:
        self._fields(rule, {"type", "number", "set"}, {"when", "name", "withdrawn"})
        kind = self._string(rule, "type")
        if kind not in TYPE_CODES:
            raise self._error(rule, "type", f"{kind!r} is not a FHIR R4 resource type")
        if not isinstance(rule["set"], _Lined):
            raise self._error(rule, "set", "must be a mapping of elements")
        label = self._string(rule, "name") if "name" in rule else None
        if label in TYPE_CODES or label in self._above:
            raise self._error(rule, "name", f"{label!r} is a type or stands above")
        elements = {key: self._node(value, rule) for key, value in rule["set"].items()}
        number = self._template(rule, "number", self._string(rule, "number"))
        of_row = rule.get("withdrawn", self._row in number.columns)
        if not isinstance(of_row, bool):
            raise self._error(rule, "withdrawn", "must be true or false")
        self._above |= {kind, label} if label else {kind}
        return ResourceRule(kind, number, elements, self._when(rule), label, of_row)

    def _when(self, rule: _Lined) -> tuple[Condition, ...]:
        given = rule.get("when", [])
        several = given if isinstance(given, list) else [given]
        if not all(isinstance(one, str) and one for one in several):
            raise self._error(rule, "when", "must be a text or a list of texts")
        return tuple(self._condition(rule, one) for one in several)

    def _condition(self, rule: _Lined, text: str) -> Condition:
        column, sign, values = text.partition("=")
        negated = column.endswith("!")
        column = column.removesuffix("!").strip() if sign else column.strip()
        if not column:
            raise self._error(rule, "when", f"{text!r} names no column")
        if not sign:
            return Condition(column)
        return Condition(column, tuple(one.strip() for one in values.split("|")), negated)

    def _node(self, value: Any, parent: Any) -> Any:
        if isinstance(value, list):
            return [self._node(item, parent) for item in value]
        if not isinstance(value, _Lined):
            if isinstance(value, float) and not isfinite(value):
                raise self._error(parent, "set", f"{value} is no number of JSON")
            if not isinstance(value, str | int | float | None):
                raise self._error(parent, "set", f"{value!r} can't stand here")
            return value
        if "split" in value:
            return self._splitting(value)
        if "column" in value or value.get("item") is True:
            return self._column(value)
        if "template" in value:
            self._fields(value, {"template"}, set())
            return self._template(value, "template", self._string(value, "template"))
        if "all" in value:
            return self._all(value)
        if "reference" in value and isinstance(value["reference"], str):
            return self._target(value)
        return {key: self._node(item, value) for key, item in value.items()}

    def _splitting(self, value: _Lined) -> Split:
        self._fields(value, {"column", "split", "each"}, {"required"})
        pattern = self._string(value, "split")
        try:
            re.compile(pattern)
        except re.error as error:
            raise self._error(value, "split", str(error)) from error
        if self._split is not None:
            raise self._error(value, "split", "can't stand inside another")
        self._split = self._string(value, "column")
        each = self._node(value["each"], value)
        column, self._split = self._split, None
        return Split(column, pattern, each, value.get("required") is True)

    def _column(self, value: _Lined) -> Column:
        item = "column" not in value
        self._fields(value, {"item"} if item else {"column"}, _LEAF)
        if item and self._split is None:
            raise self._error(value, "item", "stands only under each")
        said: Any = value.get("as", "quantity" if "unit" in value else "text")
        words = said == _WORDS
        form: Any = "text" if words else said
        if form not in get_args(Form):
            forms = ", ".join([*get_args(Form), _WORDS])
            raise self._error(value, "as", f"{form!r} is none of {forms}")
        if "unit" in value and form not in ("decimal", "quantity"):
            raise self._error(value, "unit", "belongs to a decimal or a quantity")
        if len({"as", "codes", "table"} & value.keys()) > 1:
            raise self._error(value, "codes", "as, codes and table exclude one another")
        codes = value.get("codes")
        if codes is not None:
            if not isinstance(codes, dict) or not codes:
                raise self._error(value, "codes", "must be a mapping of texts to codes")
            codes = {_plain(key): _plain(code) for key, code in codes.items()}
        column = self._split or "" if item else self._string(value, "column")
        if words:
            self._worded.add(column)
        return Column(
            column,
            form,
            codes,
            value.get("required", False) is True,
            self._table(value) if "table" in value else None,
            value.get("strict", False) is True,
            self._string(value, "unit") if "unit" in value else None,
            item,
            self._words.get(column) if words else None,
        )

    def _table(self, value: _Lined) -> str:
        name = self._string(value, "table")
        url = table_url(name)
        if url is None:
            near = "、".join(nearest_tables(name))
            hint = f" (did you mean {near}?)" if near else ""
            raise self._error(value, "table", f"{name!r} is no code table{hint}")
        return url

    def _target(self, value: _Lined) -> Target:
        self._fields(value, {"reference"}, {"number"})
        label = value["reference"]
        if "number" in value:
            if label not in TYPE_CODES:
                raise self._error(value, "reference", f"{label!r} is not a FHIR R4 resource type")
            return Target(label, self._template(value, "number", self._string(value, "number")))
        if label not in self._above:
            raise self._error(value, "reference", f"no {label} above")
        return Target(label)

    def _all(self, value: _Lined) -> All:
        self._fields(value, {"all"}, set())
        kind = value["all"]
        if kind not in TYPE_CODES:
            raise self._error(value, "all", f"{kind!r} is not a FHIR R4 resource type")
        return All(kind)

    def _template(self, node: Any, field: str, text: str) -> Template:
        parts = [""]
        try:
            for before, name, form, how in Formatter().parse(text):
                parts[-1] += before
                if form or how:
                    raise self._error(node, field, "may hold {column}, but no format of it")
                if name:
                    parts += [name, ""]
        except ValueError as error:
            raise self._error(node, field, str(error)) from error
        if len(parts) == 1:
            raise self._error(node, field, "names no {column}")
        return Template(tuple(parts))

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


def _plain(value: Any) -> str:
    """A value as the text that stands in a table."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _once(rule: _Lined) -> _Lined:
    """A rule without its `repeat`."""
    return _same_line({key: value for key, value in rule.items() if key != "repeat"}, rule)


def _put(node: Any, texts: Mapping[str, str]) -> Any:
    """A node with marks such as `{n}` replaced everywhere."""
    if isinstance(node, str):
        for mark, text in texts.items():
            node = node.replace(mark, text)
        return node
    if isinstance(node, list):
        return [_put(item, texts) for item in node]
    if isinstance(node, _Lined):
        return _same_line({_put(k, texts): _put(v, texts) for k, v in node.items()}, node)
    return node


def _same_line(content: Mapping[str, Any], node: _Lined) -> _Lined:
    lined = _Lined(content)
    lined.line = node.line
    return lined
