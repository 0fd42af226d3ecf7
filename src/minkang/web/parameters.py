"""What Litestar hands to a handler by name, beside the request's own parameters.

Both are our own records, made by `application`; there is nothing in them to validate.
"""

from typing import Annotated

from litestar.params import Dependency

from minkang.web.context import Web
from minkang.web.visitor import Visitor

WebParameter = Annotated[Web, Dependency(skip_validation=True)]
VisitorParameter = Annotated[Visitor, Dependency(skip_validation=True)]
