"""What is wrong with something that came in: which rule, where, in words."""

from collections.abc import Iterable

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """One reason why an input is refused.

    Attributes:
        stage: where on the path it was found, e.g. `frame`, `parse`, `map`, `store`.
        place: where in the input, in the input's own terms: `PID-7`, `row 12, column sbp`,
            `Patient.birthDate`.
        rule: a stable code that can be searched, counted and replayed by, e.g. `calendar-date`.
        text: one sentence for the person who must mend it (Chinese).
    """

    stage: str
    place: str
    rule: str
    text: str


class Refused(Exception):  # noqa: N818 - reads as what happened, not as a class of error
    """An input was refused, with every problem found in it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.place}: {p.rule}: {p.text}" for p in self.problems))
