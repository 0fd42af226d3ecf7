"""Each test of a level says the same in Python and in DuckDB."""

from itertools import product

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minkang.identity.linkage.definition import load_definition, sql_of
from minkang.identity.linkage.features import Features, columns_of
from minkang.identity.linkage.predicates import compiled, one_slip

from .registrations import CHILD, WANG, changed, number

WORD = st.text("12X", max_size=8)
RIGHT = number("1980-03-05", 11)
PEOPLE = (
    changed(WANG),
    changed(WANG, name="王健国", id_number="", phones=("13900000000",)),
    changed(WANG, name="王国建", birth_date="1980-05-03"),
    changed(WANG, name="王建园", birth_date="1980-03-06", id_number=RIGHT[:9] + "7" + RIGHT[10:]),
    changed(WANG, name="王国", birth_date="1980-01-01", division="371002101"),
    changed(WANG, name="Jianguo Wang", birth_date="1980", division="371002101202"),
    changed(WANG, name="李建国", birth_date="1980-01-19", division="371003"),
    changed(
        WANG, name="张伟", birth_date="1993-12-25", division="", address="环翠区张村镇前双岛村"
    ),
    changed(
        WANG, name="王卫国", other_names=("王建国",), division="", address="环翠区张村镇东关村"
    ),
    changed(WANG, id_number=RIGHT[:7] + RIGHT[8] + RIGHT[7] + RIGHT[9:], sex="", mother="李绣英"),
    changed(WANG, id_number=number("1980-03-05", 13), sex="female", mother="王桂兰"),
    changed(WANG, id_number="", phones=(), division="", mother="", father="王大山"),
    changed(CHILD, cards=(("passport", "E12345678"), ("insurance", "778899"))),
    changed(CHILD, name="李芳之女", cards=(("passport", "E12345678"),), father="王大山"),
    changed(CHILD, id_number=RIGHT, name="王子晗"),
    Features(),
)


def rows() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    names = list(Features.__struct_fields__)
    kinds = {str: "varchar", bool: "boolean", int: "integer", list: "varchar[]"}
    first = columns_of(PEOPLE[0])
    columns = ", ".join(f"{name} {kinds[type(first[name])]}" for name in names)
    connection.execute(f"create table people (place integer, {columns})")
    connection.executemany(
        f"insert into people values ({', '.join('?' * (len(names) + 1))})",
        [[place, *columns_of(one).values()] for place, one in enumerate(PEOPLE)],
    )
    return connection


def test_python_and_sql_agree_on_every_level() -> None:
    connection = rows()
    of_left = ", ".join(f"a.{one} as {one}_l" for one in Features.__struct_fields__)
    of_right = ", ".join(f"b.{one} as {one}_r" for one in Features.__struct_fields__)
    connection.execute(
        f"create table pairs as select a.place as l, b.place as r, {of_left}, {of_right}"
        " from people a, people b"
    )
    reached = set()
    for comparison in load_definition().written.comparisons:
        for level in comparison.levels:
            holds = compiled(level.when).holds
            expected = {
                (one, other)
                for one, other in product(range(len(PEOPLE)), repeat=2)
                if holds(PEOPLE[one], PEOPLE[other])
            }
            found = connection.execute(f"select l, r from pairs where {sql_of(level)}").fetchall()
            assert set(found) == expected, f"{comparison.name}/{level.name}"
            assert expected == {(other, one) for one, other in expected}
            reached |= {(comparison.name, level.name)} if expected else set()
    wanted = {
        (c.name, level.name) for c in load_definition().written.comparisons for level in c.levels
    }
    assert reached == wanted


@pytest.mark.parametrize(
    ("one", "other", "slip"),
    [
        ("12345", "12345", False), ("12345", "12445", True), ("12345", "13245", True),
        ("12345", "1245", True), ("12345", "123456", True), ("12345", "21435", False),
        ("12345", "54321", False), ("", "1", True), ("", "12", False), ("12", "21", True),
        ("1234", "1342", False), ("112", "121", True),
    ],
)  # fmt: skip
def test_one_slip_of_the_hand(one: str, other: str, slip: bool) -> None:
    assert one_slip(one, other) is slip
    assert one_slip(other, one) is slip


@pytest.mark.parametrize(
    "written", [(), ("resembles name",), ("equal",), ("equal name; drop table",), ("within day x",)]
)
def test_a_test_that_is_none_is_refused(written: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"."):
        compiled(written)


@given(st.lists(st.tuples(WORD, WORD, st.integers(0, 9), st.integers(0, 3)), min_size=1))
def test_a_slip_is_the_same_in_duckdb(drawn: list[tuple[str, str, int, int]]) -> None:
    pairs = [(one, slipped(one, other, at, how)) for one, other, at, how in drawn]
    connection = duckdb.connect()
    connection.execute("create table pair (number integer, word_l varchar, word_r varchar)")
    connection.executemany(
        "insert into pair values (?, ?, ?)", [(at, *pair) for at, pair in enumerate(pairs)]
    )
    sql = compiled(("slip word",)).sql
    found = connection.execute(f"select number from pair where {sql}").fetchall()
    wanted = [at for at, (a, b) in enumerate(pairs) if a and b and one_slip(a, b)]
    assert sorted(row[0] for row in found) == wanted


def slipped(one: str, other: str, at: int, how: int) -> str:
    """Another text; or the same with two characters exchanged, one wrong, or one missing."""
    ways = (other, one[:at] + one[at : at + 2][::-1] + one[at + 2 :], one[:at] + one[at + 1 :],
            one[:at] + other[:1] + one[at + 1 :])  # fmt: skip
    return ways[how]
