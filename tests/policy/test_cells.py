"""Two tables compared cell by cell: what a change would open or close, and nothing else."""

from minkang.policy.cells import DATA_ACTIONS, Cell, cells, changes, outcome
from minkang.policy.table import parse_table, shipped, shipped_text

TEXT = shipped_text()


def test_a_table_changes_nothing_against_itself() -> None:
    assert changes(shipped(), parse_table(TEXT)) == []


def test_a_closed_relation_shows_in_every_cell_that_it_opened() -> None:
    after = parse_table(TEXT.replace("visit, contract, referral", "visit, contract"))
    found = changes(shipped(), after)
    assert found
    assert {one.cell.relation for one in found} == {"referral"}
    assert {(one.before, one.after) for one in found} == {("allow", "deny")}
    own = Cell("doctor", "open-record", "referral", "none", "own", "mental")
    assert own in {one.cell for one in found}


def test_without_a_relation_the_release_opens_no_residents_data_to_people() -> None:
    machines = ("service", "system")
    opened = {
        cell.role
        for cell in cells(DATA_ACTIONS)
        if cell.relation == "none" and outcome(shipped(), cell) != "deny"
    }
    assert opened <= {*machines}
