"""Doors for people: pages by role, rendered on the server.

Lives here: log-in, the doctor's, the resident's and the information centre's pages, their
words and templates. Does not live here: any decision (policy) or reading (record, exchange,
identity): a handler asks the gate, reads with the scope it got, and renders.

Use `create_application`.
"""

from minkang.web.application import create_application
from minkang.web.context import Demonstration, Web
from minkang.web.live import Live

__all__ = ["Demonstration", "Live", "Web", "create_application"]
