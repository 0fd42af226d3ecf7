"""What refuses a request to the authorization server, in OAuth's own words."""


class OAuthRefused(Exception):  # noqa: N818 - reads as what happened
    """A request is refused with an error code of RFC 6749 (4.1.2.1, 5.2), RFC 7009 or OpenID.

    Attributes:
        error: the code, e.g. `invalid_grant`.
        text: one sentence for the app's developer; nothing that tells who or what exists.
    """

    def __init__(self, error: str, text: str) -> None:
        super().__init__(f"{error}: {text}")
        self.error = error
        self.text = text

    @property
    def status(self) -> int:
        """The HTTP status that belongs to the code at the token endpoint."""
        return 401 if self.error == "invalid_client" else 400
