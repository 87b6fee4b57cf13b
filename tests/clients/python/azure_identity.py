"""azure-identity: the credentials that Microsoft's SDKs take, for an app without a user.

`authority` and `disable_instance_discovery` are what its documentation gives for an authority of
one's own.
"""

import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential

from check import check, equal, finish, holds, raises
from emulator import API, APP_SCOPE, ORIGIN, SETUP


def credential(secret: str = SETUP["client_secret"], tenant: str = SETUP["tenant"]) -> ClientSecretCredential:
    return ClientSecretCredential(
        tenant, SETUP["client_id"], secret, authority=ORIGIN, disable_instance_discovery=True
    )


def who(token: str) -> requests.Response:
    return requests.get(f"{API}/WhoAmI", headers={"Authorization": f"Bearer {token}"})


with check("ClientSecretCredential gives a token that Dataverse takes"):
    secret = credential()
    token = secret.get_token(APP_SCOPE)
    equal(who(token.token).status_code, 200)

with check("the token is the same until it nears its end"):
    equal(secret.get_token(APP_SCOPE).token, token.token)

with check("the tenant may be named by its domain"):
    by_domain = credential(tenant="emulator.example").get_token(APP_SCOPE)
    equal(who(by_domain.token).json()["UserId"], who(token.token).json()["UserId"])

with check("a wrong secret raises with Entra ID's words"):
    with raises(ClientAuthenticationError) as caught:
        credential("wrong").get_token(APP_SCOPE)
    holds("AADSTS7000215" in str(caught[0]), caught[0])

with check("an expired secret raises with Entra ID's words"):
    with raises(ClientAuthenticationError) as caught:
        credential("emulator~expired.client-secret_0").get_token(APP_SCOPE)
    holds("AADSTS7000222" in str(caught[0]), caught[0])

with check("another API than the emulator's is unknown"):
    with raises(ClientAuthenticationError) as caught:
        credential().get_token("https://other.example/.default")
    holds("AADSTS500011" in str(caught[0]), caught[0])

finish()
