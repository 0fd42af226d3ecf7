"""What a page may load, and who may hold it in a frame: nobody, but for records that were launched
(`minkang.web.frame.may_hold`).
"""

from typing import Final

CONTENT_POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'"
)
