"""Whatever comes: valid resources, or a refusal with place and rule, never anything else."""

import re
from copy import deepcopy
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minkang.fhir import Problem, Refused
from tests.exchange import cda_samples as samples
from tests.exchange.cda_mapped import contributions
from tests.exchange.hl7v2_mapped import merged

PLACE = re.compile(r"(/[\w.:-]+(\[\d+\])?)+(/@[\w:.-]+)? 第 \d+ 行|第 \d+ 行(第 \d+ 列)?")
VALUES = st.one_of(
    st.sampled_from(
        "NA 无 - 0 1 -1 1E400 NaN 1_0 2024-02-30 20260229 2026050380000 20260503080000+1400 true "
        "BL ST CD PQ REAL INT MO TS 元 分 USD 岁 天 C0007 C0001 2.16.156.10011.1.12 1.2.3 ../x "
        "2.16.156.10011.2.1.1.30 2.16.156.10011.2.3.3.4 DE05.01.024.00 DE04.30.019.00 "
        "DE04.30.015.00 DE02.10.023.00 DE08.50.049.00 HDSD00.11.142 RPLC APND 女性 男性 2 3 9 "
        "00000000000000000000000000000000 11010519491231002X".split()
    ),
    st.text(max_size=12).filter(
        lambda t: not re.search(r"[\x00-\x1f\ud800-\udfff\ufffe\uffff]", t)
    ),
    st.just(""),
)


@cache
def originals() -> tuple[samples.Node, ...]:
    kinds = [kind for kind in samples.KINDS if int(kind[1:]) % 5 == 0]
    return (*samples.whole().values(), *(samples.document(kind) for kind in kinds))


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """A document with attributes and texts replaced, elements left out, doubled or moved."""
    root = deepcopy(draw(st.sampled_from(originals())))
    nodes = list(root.iter())
    for _ in range(draw(st.integers(1, 8))):
        node = nodes[draw(st.integers(1, len(nodes) - 1))]
        parent = node.getparent()
        change = draw(st.integers(0, 6))
        if change <= 3 and node.attrib:
            name = draw(st.sampled_from(sorted(node.attrib)))
            node.set(name, draw(VALUES))
        elif change <= 4:
            node.text = draw(VALUES)
        elif parent is not None and change == 5:
            parent.remove(node)
        elif parent is not None:
            other = nodes[draw(st.integers(0, len(nodes) - 1))]
            other.append(deepcopy(node))
    raw = samples.written(root, draw(st.sampled_from(["UTF-8", "GB18030"])))
    if draw(st.integers(0, 9)) == 0:
        at = draw(st.integers(0, len(raw) - 1))
        raw = raw[:at] + draw(st.binary(max_size=4)) + raw[at + draw(st.integers(0, 3)) :]
    return raw


def judge(raw: bytes) -> None:
    wrong: tuple[Problem, ...] = ()
    try:
        merged(contributions(raw))
    except Refused as refusal:
        wrong = refusal.problems or (Problem("", "", "", ""),)
    for problem in wrong:
        assert PLACE.fullmatch(problem.place), problem
        assert problem.rule
        assert problem.text


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_changed_document_becomes_valid_resources_or_is_refused(data: st.DataObject) -> None:
    samples.there()
    judge(data.draw(documents()))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_that_are_no_document_are_refused(some: bytes) -> None:
    judge(some)
    judge(b'<a><code code="C0007"/><id extension="d1"/>' + some + b"</a>")
