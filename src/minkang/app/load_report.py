"""What a load tells its operator: how many, and what was refused with place and rule."""

import msgspec

MOST_PROBLEMS = 10_000
"""So many problems are told one by one; what is refused is counted in any case."""


class FileProblem(msgspec.Struct, frozen=True):
    """A problem and where in which file it is.

    Attributes:
        file: as the operator named it; a member of a zip archive as `archive.zip!member`.
        line: counted from 1.
        path: the place within what begins on that line, e.g. `Patient.birthDate`; `-` for all.
        rule: a stable code.
        text: one sentence.
    """

    file: str
    line: int
    path: str
    rule: str
    text: str


class Report(msgspec.Struct):
    """What `load --json` prints; counts messages, rows or resources as they came.

    `resources` are the versions written into the store, `seconds` the time of the whole.
    """

    accepted: int = 0
    unchanged: int = 0
    refused: int = 0
    resources: int = 0
    seconds: float = 0.0
    problems: list[FileProblem] = []

    def tell(self, problem: FileProblem) -> None:
        """Add a problem, up to the most that are told."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    def add(self, part: "Report") -> None:
        """Add what another load, or a share of this one, has to tell."""
        self.accepted += part.accepted
        self.unchanged += part.unchanged
        self.refused += part.refused
        self.resources += part.resources
        self.seconds = round(self.seconds + part.seconds, 3)
        for problem in part.problems:
            self.tell(problem)
