"""A document of a sensitive finding is as closed as the finding itself."""

import pytest

from minkang.store.grade import Grade, grade_of
from tests.exchange import cda_samples as samples
from tests.exchange.cda_mapped import after
from tests.exchange.cda_samples import whole, written


@pytest.fixture(autouse=True)
def there() -> None:
    samples.there()


def grades(raw: bytes) -> dict[str, Grade]:
    """The highest grade of each type that a document gives."""
    return {kind: max(map(grade_of, several)) for kind, several in after(raw).items()}


def test_original_text_and_layout_are_as_closed_as_the_facts() -> None:
    raw = written(whole()["C0002"])
    assert grades(raw)["DocumentReference"] is Grade.PERSONAL
    plain = "原发性高血压"
    assert plain in raw.decode()
    found = grades(raw.replace(plain.encode(), "抑郁发作".encode()))
    assert found["Condition"] is Grade.SENSITIVE
    assert found["DocumentReference"] is found["Composition"] is Grade.SENSITIVE
