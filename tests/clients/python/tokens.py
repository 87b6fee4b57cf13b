"""Tokens for the programs that are about Dataverse: MSAL's, handed on in azure-core's form."""

import time

import msal
from azure.core.credentials import AccessToken, TokenCredential

from emulator import AUTHORITY, REDIRECT_URI, SETUP, USER_SCOPE, sign_in


class SignedInUser(TokenCredential):
    """The demo user, signed in once; each token after the first comes from MSAL's cache or a refresh."""

    def __init__(self, user: str | None = None):
        self.app = msal.ConfidentialClientApplication(
            SETUP["client_id"],
            client_credential=SETUP["client_secret"],
            authority=AUTHORITY,
            instance_discovery=False,
        )
        flow = self.app.initiate_auth_code_flow([USER_SCOPE], redirect_uri=REDIRECT_URI)
        result = self.app.acquire_token_by_auth_code_flow(flow, sign_in(flow["auth_uri"], user))
        if "access_token" not in result:
            raise AssertionError(f"no token: {result}")
        self.account = self.app.get_accounts()[0]

    def get_token(self, *scopes, **_) -> AccessToken:
        """A token for the signed-in user. The SDK asks for `…/.default`, to which the consent was given by name."""
        result = self.app.acquire_token_silent([USER_SCOPE], self.account)
        if not result or "access_token" not in result:
            raise AssertionError(f"no token for {scopes}: {result}")
        return AccessToken(result["access_token"], int(time.time()) + result["expires_in"])
