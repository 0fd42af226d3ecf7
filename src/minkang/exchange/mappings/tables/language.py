"""The mapping language as data: what a mapping file says, checked.

FHIR written in YAML, with columns at its leaves. `mapping_file` reads it, `generate` turns it into
a function. A node is a leaf (`Column`, `Split`, `Template`, `Target`, `All`), a list or a mapping
of nodes, or a constant.
"""

from typing import Any, Literal

import msgspec

Form = Literal["text", "date", "datetime", "time", "decimal", "integer", "boolean", "quantity"]


class MappingError(Exception):
    """A mapping file is wrong; the text names file, line, field and reason."""


class Column(msgspec.Struct, frozen=True):
    """A leaf filled from a column, or from one item of a split column.

    Attributes:
        codes: the column's text to a code; a text that is not among them is refused.
        table: URL of a national code table; the leaf becomes a list of one coding.
        strict: a text that is not in `table` is refused, instead of kept as the source's own code.
        unit: of a decimal or quantity; may stand behind the number.
        item: the text is one item of the column, which `Split` gives.
        words: what the column's codes mean; another text stays as it is.
    """

    column: str
    form: Form = "text"
    codes: dict[str, str] | None = None
    required: bool = False
    table: str | None = None
    strict: bool = False
    unit: str | None = None
    item: bool = False
    words: dict[str, str] | None = None


class Split(msgspec.Struct, frozen=True):
    """A leaf that becomes a list: a column's text split at a pattern, each part through a node."""

    column: str
    pattern: str
    each: Any
    required: bool = False


class Template(msgspec.Struct, frozen=True):
    """A leaf of text with columns inside; empty if one of them is.

    `parts` are the pieces in order: texts at even places, names of columns at odd ones.
    """

    parts: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it names."""
        return self.parts[1::2]


class Target(msgspec.Struct, frozen=True):
    """A leaf that refers to a resource.

    `label` is a type (the last one made above) or the name of a resource above. With `number` it is
    the resource of type `label` to which the source gave this number, in whatever row.
    """

    label: str
    number: Template | None = None


class All(msgspec.Struct, frozen=True):
    """A leaf that becomes a list: references to all of a type that the row made above."""

    type: str


class Condition(msgspec.Struct, frozen=True):
    """A column that must be filled (`values` is None), or be (or not be) one of some values."""

    column: str
    values: tuple[str, ...] | None = None
    negated: bool = False


class ResourceRule(msgspec.Struct, frozen=True):
    """One resource that a row makes: its type, its number, its elements.

    Attributes:
        when: all must hold, or the resource is not made.
        label: its name for references.
        of_row: it belongs to this row alone, and is withdrawn with it.
    """

    type: str
    number: Template
    elements: dict[str, Any]
    when: tuple[Condition, ...] = ()
    label: str | None = None
    of_row: bool = False


class TableMapping(msgspec.Struct, frozen=True):
    """How a row of a table becomes resources.

    Attributes:
        table: the table's name, shown as the kind of its messages.
        row: column that names a row; a later row of that name replaces the earlier.
        changed: column with the time of the row's last change; None where rows are only added.
        resources: in the order in which references look back.
        deleted: holds for a row that is marked as deleted.
    """

    name: str
    table: str
    row: str
    changed: str | None
    resources: tuple[ResourceRule, ...]
    deleted: Condition | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that it names, each once."""
        found = [self.row, *([self.changed] if self.changed else [])]
        if self.deleted:
            found.append(self.deleted.column)
        for rule in self.resources:
            found += [one.column for one in rule.when]
            found += rule.number.columns
            for node in rule.elements.values():
                found += _columns(node)
        return tuple(dict.fromkeys(found))

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns without which every row would be refused."""
        found = [self.row, *([self.changed] if self.changed else [])]
        for rule in self.resources:
            if not rule.when:
                found += rule.number.columns
                for node in rule.elements.values():
                    found += _columns(node)
        return tuple(dict.fromkeys(found))


def _columns(node: Any) -> list[str]:
    if isinstance(node, Column | Split):
        return [node.column]
    if isinstance(node, Template):
        return list(node.columns)
    if isinstance(node, Target):
        return list(node.number.columns) if node.number else []
    if isinstance(node, dict):
        node = list(node.values())
    return [name for item in node for name in _columns(item)] if isinstance(node, list) else []
