"""MSAL for Python: each way to a token that it offers and the emulator has, and its errors.

MSAL is used as it comes; only the authority is the emulator's, which takes
`instance_discovery=False`, as for every authority that Microsoft does not list.
"""

import base64
import datetime
import hashlib
import json

import msal
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from check import check, equal, finish, holds
from emulator import API, APP_SCOPE, AUTHORITY, ORIGIN, REDIRECT_URI, SETUP, USER_SCOPE, Browser, sign_in

PUBLIC_CLIENT = "a3f7c9d2-64b1-4f0e-8c3a-2e5d7b9f1a61"


def app(credential=SETUP["client_secret"], **options) -> msal.ConfidentialClientApplication:
    options = {"authority": AUTHORITY, "instance_discovery": False} | options
    return msal.ConfidentialClientApplication(SETUP["client_id"], client_credential=credential, **options)


def who(token: str) -> dict:
    """What Dataverse makes of a token: the second way in which each of them is looked at."""
    answer = requests.get(f"{API}/WhoAmI", headers={"Authorization": f"Bearer {token}"})
    equal(answer.status_code, 200)
    return answer.json()


def claims(token: str) -> dict:
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def code_flow(client, scopes, **options) -> dict:
    flow = client.initiate_auth_code_flow(scopes, redirect_uri=REDIRECT_URI, **options)
    return client.acquire_token_by_auth_code_flow(flow, sign_in(flow["auth_uri"]))


def new_certificate() -> tuple[str, str, str]:
    """Key and certificate in PEM, and the SHA-1 thumbprint; made anew so that no key lies in the repository."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "client check")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=2))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    return private.decode(), public.decode(), certificate.fingerprint(hashes.SHA1()).hex()


with check("discovery has the authority's origin"):
    document = requests.get(f"{AUTHORITY}/v2.0/.well-known/openid-configuration").json()
    holds(document["issuer"].startswith(ORIGIN), document["issuer"])
    holds(document["token_endpoint"].startswith(ORIGIN), document["token_endpoint"])

with check("authorization code with PKCE gives tokens for the user who signed in"):
    client = app()
    flow = client.initiate_auth_code_flow([USER_SCOPE], redirect_uri=REDIRECT_URI)
    holds("code_challenge_method=S256" in flow["auth_uri"], flow["auth_uri"])
    first = client.acquire_token_by_auth_code_flow(flow, sign_in(flow["auth_uri"]))
    holds("access_token" in first, first)
    equal(first["id_token_claims"]["preferred_username"], SETUP["user"])
    holds(USER_SCOPE in first["scope"].split(), first["scope"])
    user_id = who(first["access_token"])["UserId"]

with check("the id token carries the hash of the nonce that MSAL sent"):
    equal(first["id_token_claims"]["nonce"], hashlib.sha256(flow["nonce"].encode()).hexdigest())

with check("the account's home id is object id and tenant of client_info"):
    account = client.get_accounts()[0]
    identity = first["id_token_claims"]
    equal(account["home_account_id"], f"{identity['oid']}.{SETUP['tenant']}")

with check("the access token is signed by a key of the key document"):
    keys = requests.get(document["jwks_uri"]).json()["keys"]
    header = first["access_token"].split(".")[0]
    kid = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]
    holds(kid in [key["kid"] for key in keys], kid)

with check("acquire_token_silent answers from the cache"):
    equal(client.acquire_token_silent([USER_SCOPE], account)["access_token"], first["access_token"])

with check("acquire_token_silent with force_refresh gives another token for the same user"):
    again = client.acquire_token_silent([USER_SCOPE], account, force_refresh=True)
    holds(again and "access_token" in again, again)
    holds(again["access_token"] != first["access_token"], "the same token")
    equal(who(again["access_token"])["UserId"], user_id)

with check("the refresh token of one scope gives a token for .default"):
    default = client.acquire_token_silent([APP_SCOPE], account)
    holds(default and "access_token" in default, default)
    equal(who(default["access_token"])["UserId"], user_id)

with check("a code is good once"):
    flow = client.initiate_auth_code_flow([USER_SCOPE], redirect_uri=REDIRECT_URI)
    answer = sign_in(flow["auth_uri"])
    holds("access_token" in client.acquire_token_by_auth_code_flow(dict(flow), answer), "first use")
    second = client.acquire_token_by_auth_code_flow(dict(flow), answer)
    equal((second.get("error"), second.get("error_codes")), ("invalid_grant", [54005]))

with check("a wrong verifier is refused"):
    flow = client.initiate_auth_code_flow([USER_SCOPE], redirect_uri=REDIRECT_URI)
    answer = sign_in(flow["auth_uri"])
    flow["code_verifier"] = "another-verifier-which-was-not-hashed-into-the-challenge"
    refused = client.acquire_token_by_auth_code_flow(flow, answer)
    equal((refused.get("error"), refused.get("error_codes")), ("invalid_grant", [501481]))

with check("a wrong secret is invalid_client 7000215 with its ids"):
    wrong = code_flow(app("no such secret"), [USER_SCOPE])
    equal((wrong.get("error"), wrong.get("error_codes")), ("invalid_client", [7000215]))
    holds(wrong["error_description"].startswith("AADSTS7000215"), wrong["error_description"])
    holds(wrong.get("correlation_id") and wrong.get("trace_id"), wrong)

with check("a secret of characters that a form must encode works"):
    encoded = code_flow(app("a+b&c%d=e/f g?h#i\"j'k~ü"), [USER_SCOPE])
    holds("access_token" in encoded, encoded)

with check("an unknown tenant is told by its discovery document"):
    try:
        app(authority=f"{ORIGIN}/5c6f1a2e-0000-4b7e-9a54-0f6f3f2c8d11").acquire_token_for_client([APP_SCOPE])
        raise AssertionError("a tenant that is not there was found")
    except ValueError as error:
        holds("90002" in str(error) or "tenant" in str(error).lower(), error)

with check("client credentials with the secret give a token for the app alone"):
    alone = app().acquire_token_for_client([APP_SCOPE])
    holds("access_token" in alone, alone)
    equal(claims(alone["access_token"])["appid"], SETUP["client_id"])
    holds("refresh_token" not in alone and "id_token" not in alone, list(alone))
    holds(who(alone["access_token"])["UserId"] != user_id, "the app is the user")

with check("client credentials for a delegated scope are refused"):
    refused = app().acquire_token_for_client([USER_SCOPE])
    equal(refused.get("error_codes"), [1002012])

with check("a certificate is registered on the app's page"):
    private, public, thumbprint = new_certificate()
    browser = Browser()
    browser.open(f"{ORIGIN}/portal/apps/{SETUP['client_id']}/credentials")
    browser.submit({"pem": public})
    holds(thumbprint.lower() in browser.text.lower(), browser.text[:400])

with check("certificate credential: PS256 with x5t#S256"):
    by_certificate = app({"private_key": private, "public_certificate": public})
    result = by_certificate.acquire_token_for_client([APP_SCOPE])
    holds("access_token" in result, result)
    who(result["access_token"])

with check("certificate credential: a bare thumbprint, RS256 with x5t"):
    by_thumbprint = app({"private_key": private, "thumbprint": thumbprint})
    result = by_thumbprint.acquire_token_for_client([APP_SCOPE])
    holds("access_token" in result, result)

with check("certificate credential: code and refresh for a user"):
    result = code_flow(by_certificate, [USER_SCOPE])
    holds("access_token" in result, result)
    result = by_certificate.acquire_token_silent(
        [USER_SCOPE], by_certificate.get_accounts()[0], force_refresh=True
    )
    equal(who(result["access_token"])["UserId"], user_id)

with check("a certificate that was not registered is refused"):
    other_key, other, _ = new_certificate()
    refused = app({"private_key": other_key, "public_certificate": other}).acquire_token_for_client([APP_SCOPE])
    equal((refused.get("error"), refused.get("error_codes")), ("invalid_client", [700027]))

with check("device code: pending until the user has signed in, then a token"):
    device = msal.PublicClientApplication(PUBLIC_CLIENT, authority=AUTHORITY, instance_discovery=False)
    flow = device.initiate_device_flow([USER_SCOPE])
    holds("user_code" in flow, flow)
    pending = device.acquire_token_by_device_flow(flow, exit_condition=lambda _: True)
    equal(pending.get("error"), "authorization_pending")
    browser = Browser()
    browser.open(flow["verification_uri"])
    browser.submit({"otc": flow["user_code"]})
    browser.submit({"login": SETUP["user"], "passwd": SETUP["password"]})
    if "accept" in browser.text:
        browser.submit({}, press="accept")
    result = device.acquire_token_by_device_flow(flow)
    holds("access_token" in result, result)
    equal(who(result["access_token"])["UserId"], user_id)

with check("a public client needs no secret: code with PKCE"):
    public_client = msal.PublicClientApplication(PUBLIC_CLIENT, authority=AUTHORITY, instance_discovery=False)
    flow = public_client.initiate_auth_code_flow([USER_SCOPE], redirect_uri="http://localhost:4000")
    result = public_client.acquire_token_by_auth_code_flow(flow, sign_in(flow["auth_uri"]))
    holds("access_token" in result, result)

with check("form_post carries the answer in a form"):
    flow = client.initiate_auth_code_flow([USER_SCOPE], redirect_uri=REDIRECT_URI, response_mode="form_post")
    browser = Browser()
    if browser.open(flow["auth_uri"]) is None:
        browser.submit({"login": SETUP["user"], "passwd": SETUP["password"]})
    if 'value="accept"' in browser.text:
        browser.submit({}, press="accept")
    holds(f'action="{REDIRECT_URI}"' in browser.text and 'name="code"' in browser.text, browser.text[:400])

with check("revoked refresh tokens: no token, and the reason"):
    requests.post(f"{ORIGIN}/_emulator/revoke-refresh-tokens", json={}).raise_for_status()
    refused = client.acquire_token_silent_with_error([USER_SCOPE], account, force_refresh=True)
    equal((refused.get("error"), refused.get("error_codes")), ("invalid_grant", [50173]))

finish()
