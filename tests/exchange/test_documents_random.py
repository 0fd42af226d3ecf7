"""Valid documents of any shape: doubled, reworded, relabelled; all that they say comes back."""

from copy import deepcopy
from functools import cache

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lxml import etree

from minkang.exchange.documents import KINDS, write_document
from minkang.fhir import Refused
from tests.exchange import cda_samples as samples
from tests.exchange.cda_samples import Node
from tests.exchange.documents_round import facts_of, numbered, said

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=2, max_size=8)
_REPEATED = frozenset({"entry", "component", "entryRelationship"})


@cache
def originals() -> dict[str, Node]:
    return {kind: numbered(root) for kind, root in samples.whole().items()}


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, Node]:
    """A kind, and a document of it with parts doubled, texts reworded, labels changed."""
    kind = draw(st.sampled_from(KINDS))
    root = deepcopy(originals()[kind])
    body = root.find(f"{{{samples.V3}}}component")
    for _ in range(draw(st.integers(1, 4))):
        nodes = [one for one in body.iter() if etree.QName(one).localname in _REPEATED]
        node = draw(st.sampled_from(nodes))
        change = draw(st.integers(0, 2))
        if change == 0:
            node.addnext(deepcopy(node))
        for one in node.iter():
            name = etree.QName(one).localname
            if change == 1 and name == "value" and (one.text or "").strip():
                one.text = f"说{draw(WORDS)}"
            elif change == 2 and name == "code" and one.get("displayName"):
                one.set("displayName", f"名{draw(WORDS)}")
    assume(samples.faults(root, kind) == [])
    return kind, root


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_valid_document_of_any_shape_comes_back_whole(data: st.DataObject) -> None:
    samples.there()
    kind, root = data.draw(documents())
    try:
        facts = facts_of(kind, root)
    except Refused:
        # Two results of one item, say: such a document does not come in.
        return
    made = etree.fromstring(write_document(facts))
    assert samples.faults(made, kind) == []
    assert said(made) == said(root)
