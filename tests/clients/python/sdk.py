"""What the programs for Microsoft's Python SDK have in common: client, raw rows, how refusals look."""

from PowerPlatform.Dataverse.client import DataverseClient
from PowerPlatform.Dataverse.core.errors import HttpError

from check import equal, holds, raises
from emulator import ORIGIN, USER_SCOPE, Rows
from tokens import SignedInUser

USER = SignedInUser()
CLIENT = DataverseClient(ORIGIN, USER)
ROWS = Rows(USER.get_token(USER_SCOPE).token)


def code_of(error: HttpError) -> str:
    """The code of Dataverse's error body, as the SDK hands it on."""
    return error.details["service_error_code"]


def refused(what: str, call) -> None:
    """What the emulator does not have is refused in Dataverse's form, by a sentence that names it."""
    with raises(HttpError) as caught:
        call()
    equal(caught[0].status_code, 501)
    holds("The emulator does not support" in str(caught[0]) and what in str(caught[0]), caught[0])
    holds(code_of(caught[0]), "no code in the body")
