"""Who presents a bearer token, of either kind: the access token of a sign-in, or a personal token."""

from mixmodel_app.domain.account import Principal
from mixmodel_app.services import accounts, personal_tokens


def principal_from_bearer(token: str, address: str = "") -> Principal:
    """Who presents it, from where. What a personal token may do is in the principal's `token`.

    Raises:
        NotAuthenticated: it is not one of ours, has ended, or is of another kind.
    """
    if personal_tokens.looks_like_one(token):
        return personal_tokens.principal_of(token, address)
    return accounts.principal_from_access(token, address)
