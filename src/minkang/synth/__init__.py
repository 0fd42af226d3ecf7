"""The practice region: invented lives of an invented county, as its systems would send them.

Lives here: `generate` (N residents, deterministic by seed), `Region` with the truth and with
what three sources sent (two hospitals in HL7 v2, one clinic's table), `write_region` for files,
`new_lab_message` for one fresh report, `daily_counts` for what a hospital reports of its days.
Does not live here: anything that reads what others send. The writers share nothing with exchange
on purpose, so that both cannot be wrong together.

Nobody is real: ID numbers use division 371098, which GB/T 2260 never assigned; telephones begin
with 154, a block without an operator; institution codes begin with MK.
"""

from minkang.synth.daily_counts import DayCount, daily_counts
from minkang.synth.faults import Faulty
from minkang.synth.fresh import FRESH_ANALYTES, new_lab_message
from minkang.synth.institutions import INSTITUTIONS, Doctor, Institution
from minkang.synth.region import Region, generate, read_residents, write_region
from minkang.synth.residents import Condition, Resident
from minkang.synth.stream import HOSTILE_TEXT, Sent
from minkang.synth.table_writer import VISIT_COLUMNS, rows_as_csv

__all__ = [
    "FRESH_ANALYTES",
    "HOSTILE_TEXT",
    "INSTITUTIONS",
    "VISIT_COLUMNS",
    "Condition",
    "DayCount",
    "Doctor",
    "Faulty",
    "Institution",
    "Region",
    "Resident",
    "Sent",
    "daily_counts",
    "generate",
    "new_lab_message",
    "read_residents",
    "rows_as_csv",
    "write_region",
]
