"""What Litestar hands to a handler by name, beside the request's own parameters.

Both are our own records, made by `application`; there is nothing in them to validate.
"""

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from minkang.web.context import Web
from minkang.web.visitor import Visitor

WebParameter = NamedDependency[SkipValidation[Web]]
VisitorParameter = NamedDependency[SkipValidation[Visitor]]
