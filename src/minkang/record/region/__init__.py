"""The region at a glance: figures of divisions and institutions, kept so that a page is cheap.

Lives here: what resources add to the figures (`read`), following the change feed (`follow_region`),
counting days anew (`settle_days`), the parts made from time to time (`refresh`), what each figure
means (`definitions`), the outlines of divisions (`shapes`). Does not live here: who may see figures
and how small numbers are hidden (policy, web); indicators of plans, with numerators and
denominators of their own.

Everything kept can be made anew: the schema `region` holds no fact that is not elsewhere.
"""

from minkang.record.region.days import PERIODS, settle_days
from minkang.record.region.definitions import definitions
from minkang.record.region.follow import follow_region
from minkang.record.region.parts import count_all, parts, refresh
from minkang.record.region.shapes import keep_shapes, read_shapes

__all__ = [
    "PERIODS",
    "count_all",
    "definitions",
    "follow_region",
    "keep_shapes",
    "parts",
    "read_shapes",
    "refresh",
    "settle_days",
]
