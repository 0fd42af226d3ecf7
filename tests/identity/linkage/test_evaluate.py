"""Figures of links against the truth, counted by hand."""

from minkang.identity.linkage.evaluate import evaluated

TRUTH = {"a1": "A", "a2": "A", "a3": "A", "b1": "B", "b2": "B", "c1": "C"}
CAUSES = {"a3": ("id-missing",), "b1": ("id-borrowed", "moved")}


def test_perfect_links() -> None:
    found = evaluated(TRUTH, [["a1", "a2", "a3"], ["b1", "b2"], ["c1"]])
    assert (found.records, found.people) == (6, 3)
    assert (found.linked, found.right, found.wrong, found.missed) == (4, 4, 0, 0)
    assert (found.precision, found.recall, found.f1, found.reviews) == (1.0, 1.0, 1.0, 0)


def test_wrong_and_missed_pairs_are_counted_by_cause() -> None:
    found = evaluated(TRUTH, [["a1", "a2", "b1"]], causes=CAUSES)
    assert (found.linked, found.right, found.wrong) == (3, 1, 2)
    assert found.missed == 3  # a3 from a1 and a2, b1 from b2
    assert found.wrong_by_cause == {"id-borrowed": 2, "moved": 2}
    assert found.missed_by_cause == {"id-missing": 2, "id-borrowed": 1, "moved": 1}
    assert found.precision == 1 / 3
    assert found.recall == 1 / 4


def test_a_pair_without_dirt_counts_as_clean() -> None:
    assert evaluated(TRUTH, [["a1", "c1"]]).wrong_by_cause == {"clean": 1}


def test_reviews_are_counted_by_pairs_of_groups() -> None:
    doubtful = [("a1", "b1"), ("b2", "a2"), ("a1", "a2"), ("a3", "c1"), ("a1", "nobody")]
    found = evaluated(TRUTH, [["a1", "a2", "a3"], ["b1", "b2"]], doubtful)
    assert found.reviews == 2
    assert found.review_share == 2 / 6


def test_records_that_the_truth_does_not_know_are_left_out() -> None:
    found = evaluated({"a1": "A", "a2": "A"}, [["a1", "a2", "stranger"]])
    assert (found.linked, found.right, found.records) == (1, 1, 2)


def test_nothing_linked_is_not_wrong() -> None:
    found = evaluated({"a1": "A"}, [])
    assert (found.precision, found.recall) == (1.0, 1.0)
