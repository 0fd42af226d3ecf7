"""What can be wrong with an expression, or with evaluating it."""

from typing import Literal

Kind = Literal["syntax", "semantic", "execution"]


class PathError(Exception):
    """An expression can't be compiled or evaluated.

    Attributes:
        kind: found by the parser, by looking at names and types, or only while evaluating.
        reason: one sentence, without the place.
        position: offset of the character in the expression, from 0; None where it is not known.
    """

    def __init__(self, kind: Kind, reason: str, position: int | None = None) -> None:
        super().__init__(reason)
        self.kind: Kind = kind
        self.reason = reason
        self.position = position

    def __str__(self) -> str:
        if self.position is None:
            return self.reason
        return f"at character {self.position}: {self.reason}"


def failure(reason: str) -> PathError:
    """An error of evaluation; whoever called the function adds the place."""
    return PathError("execution", reason)
