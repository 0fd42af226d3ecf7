"""An SQL text under construction, with its parameters."""

from typing import Any


class Sql:
    """Collects parameters; `add` gives the placeholder of one."""

    def __init__(self) -> None:
        self.parameters: list[Any] = []

    def add(self, value: Any, kind: str) -> str:
        """The placeholder of a value of an SQL type, e.g. `$3::bigint[]`."""
        self.parameters.append(value)
        return f"${len(self.parameters)}::{kind}"
