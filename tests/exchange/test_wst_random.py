"""Messages with anything missing or odd: refused, or mapped to valid resources; never worse."""

from copy import deepcopy

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minkang.exchange.mappings import map_message
from minkang.fhir import Refused
from tests.exchange import wst_samples as samples
from tests.exchange.hl7v2_mapped import merged
from tests.exchange.test_wst_mapping import CONTEXT
from tests.exchange.wst_samples import BRINGING, V3, message, written

_ODD = (
    "",
    "NA",
    "-",
    "0",
    "1",
    "99",
    "00000000000000",
    "20260230",
    "20260503",
    "1e400",
    "值\u0085 值",
    "  两  空 ",
    "inactive",
    "a" * 300,
)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_is_missing_or_odd_is_refused_or_becomes_valid(data: st.DataObject) -> None:
    samples.there()
    name = data.draw(st.sampled_from([one for one in BRINGING if one != "DocumentRegister"]))
    root = message(name)
    process = root.find(f"{{{V3}}}controlActProcess")
    assert process is not None
    for _ in range(data.draw(st.integers(1, 6))):
        nodes = [one for one in process.iter() if one is not process]
        if not nodes:
            break
        node = nodes[data.draw(st.integers(0, len(nodes) - 1))]
        change = data.draw(st.sampled_from(["remove", "odd", "twice"]))
        if change == "remove":
            node.getparent().remove(node)
        elif change == "odd" and node.attrib:
            attribute = data.draw(st.sampled_from(sorted(node.attrib)))
            node.set(attribute, data.draw(st.sampled_from(_ODD)))
        elif change == "twice":
            node.addnext(deepcopy(node))
    try:
        found = map_message(CONTEXT, "wst", written(name, root))
    except Refused:
        return
    merged(found)
