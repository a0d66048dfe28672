"""What MSAL says of the simulated Entra ID."""

import ssl
import warnings

import jwt
import msal

SCOPES = ["User.Read", "Calendars.ReadWrite"]
ANA = "ana@contoso.com"
# MSAL would rather have a form posted; the product's cookie comes back with a redirect only, so it asks for a query.
warnings.filterwarnings("ignore", message="response_mode='form_post'")


def app(microsoft, tenant="organizations", secret=None):
    """A confidential client without anything in its cache."""
    return msal.ConfidentialClientApplication(
        microsoft.client_id, client_credential=secret or microsoft.client_secret, instance_discovery=False,
        authority=f"{microsoft.url}/login/{tenant}", verify=str(microsoft.ca))


def begin(client, microsoft, scopes):
    return client.initiate_auth_code_flow(scopes, redirect_uri=microsoft.redirect_uri, login_hint=ANA)


def sign_in(microsoft, scopes=SCOPES, tenant="organizations"):
    """The whole way of Ana; gives the client and what MSAL has."""
    client = app(microsoft, tenant)
    flow = begin(client, microsoft, scopes)
    back = microsoft.visit(flow["auth_uri"], ANA, "accept")
    return client, client.acquire_token_by_auth_code_flow(flow, back)


def refused(result, error, number):
    """MSAL hands the refusal on as Entra wrote it."""
    assert "access_token" not in result, "tokens came"
    assert result["error"] == error, result
    assert number in result["error_codes"], result
    assert f"AADSTS{number}" in result["error_description"], result
    assert result["correlation_id"] and result["trace_id"] and result["timestamp"], result


def a_code_with_pkce_becomes_tokens(microsoft):
    client, result = sign_in(microsoft)
    assert "error" not in result, result
    claims = result["id_token_claims"]  # MSAL has compared nonce, audience and time
    assert claims["preferred_username"] == ANA and claims["ver"] == "2.0", claims
    assert claims["iss"] == f"{microsoft.url}/login/{claims['tid']}/v2.0", claims
    assert 3600 <= result["expires_in"] <= 5400 and result["token_type"] == "Bearer", result
    # Where Entra grants more than was asked, MSAL keeps it; what was asked must be there, prefixed or not.
    granted = {scope.rsplit("/", 1)[-1].lower() for scope in result["scope"].split()}
    assert {"user.read", "calendars.readwrite"} <= granted, granted
    [account] = client.get_accounts()
    assert account["home_account_id"] == f"{claims['oid']}.{claims['tid']}", account


def an_id_token_holds_against_the_published_keys(microsoft):
    client, result = sign_in(microsoft, tenant="contoso.com")
    keys = jwt.PyJWKClient(
        f"{microsoft.url}/login/organizations/discovery/v2.0/keys",
        ssl_context=ssl.create_default_context(cafile=str(microsoft.ca)))
    token = result["id_token"]
    claims = jwt.decode(
        token, keys.get_signing_key_from_jwt(token).key, algorithms=["RS256"], audience=microsoft.client_id)
    assert claims["oid"] == result["id_token_claims"]["oid"], claims
    assert client.authority.token_endpoint == f"{microsoft.url}/login/{claims['tid']}/oauth2/v2.0/token"


def a_token_is_renewed_silently(microsoft):
    client, first = sign_in(microsoft)
    [account] = client.get_accounts()
    cached = client.acquire_token_silent(SCOPES, account)
    assert cached["token_source"] == "cache", "MSAL does not find the scopes again that it asked for"
    assert cached["access_token"] == first["access_token"], "another token"
    for _ in range(2):
        renewed = client.acquire_token_silent(SCOPES, account, force_refresh=True)
        assert renewed and renewed["token_source"] == "identity_provider", "no new token"
        assert renewed["access_token"] != first["access_token"], "the same token again"
        first = renewed


def an_old_refresh_token_stays_good(microsoft):
    client, result = sign_in(microsoft)
    old = result["refresh_token"]
    for _ in range(2):
        again = client.acquire_token_by_refresh_token(old, SCOPES)
        assert "error" not in again, again


def another_verifier_gets_nothing(microsoft):
    client = app(microsoft)
    flow = begin(client, microsoft, SCOPES)
    back = microsoft.visit(flow["auth_uri"], ANA, "accept")
    flow["code_verifier"] = "A" * 43
    refused(client.acquire_token_by_auth_code_flow(flow, back), "invalid_grant", 501481)


def a_code_is_good_once(microsoft):
    client = app(microsoft)
    flow = begin(client, microsoft, SCOPES)
    back = microsoft.visit(flow["auth_uri"], ANA, "accept")
    assert "error" not in client.acquire_token_by_auth_code_flow(dict(flow), back)
    refused(client.acquire_token_by_auth_code_flow(dict(flow), back), "invalid_grant", 54005)


def who_declines_comes_back_with_an_error(microsoft):
    microsoft.switch("remove-consent", user=ANA)
    client = app(microsoft)
    flow = begin(client, microsoft, SCOPES)
    back = microsoft.visit(flow["auth_uri"], ANA, "decline")
    result = client.acquire_token_by_auth_code_flow(flow, back)
    assert result["error"] == "access_denied" and "AADSTS65004" in result["error_description"], result


def a_revoked_session_ends_the_refresh(microsoft):
    client, _ = sign_in(microsoft)
    [account] = client.get_accounts()
    microsoft.switch("revoke-sessions", user=ANA)
    result = client.acquire_token_silent_with_error(SCOPES, account, force_refresh=True)
    refused(result, "invalid_grant", 50173)
    assert client.acquire_token_silent(SCOPES, account, force_refresh=True) is None
    assert "error" not in sign_in(microsoft)[1], "a new sign-in is good"


def a_removed_consent_ends_the_refresh(microsoft):
    client, result = sign_in(microsoft)
    microsoft.switch("remove-consent", user=ANA)
    refused(client.acquire_token_by_refresh_token(result["refresh_token"], SCOPES), "invalid_grant", 65001)


def a_wrong_secret_is_the_clients_fault(microsoft):
    client, result = sign_in(microsoft)
    other = app(microsoft, secret="another")
    answer = other.acquire_token_by_refresh_token(result["refresh_token"], SCOPES)
    refused(answer, "invalid_client", 7000215)


def an_unknown_tenant_is_told_at_once(microsoft):
    try:
        app(microsoft, tenant="nobody.example").initiate_auth_code_flow(SCOPES)
    except ValueError as error:
        assert "double check your tenant name" in str(error), error
    else:
        raise AssertionError("MSAL found a tenant that is not there")


CHECKS = [
    a_code_with_pkce_becomes_tokens,
    an_id_token_holds_against_the_published_keys,
    a_token_is_renewed_silently,
    an_old_refresh_token_stays_good,
    another_verifier_gets_nothing,
    a_code_is_good_once,
    who_declines_comes_back_with_an_error,
    a_revoked_session_ends_the_refresh,
    a_removed_consent_ends_the_refresh,
    a_wrong_secret_is_the_clients_fault,
    an_unknown_tenant_is_told_at_once,
]
