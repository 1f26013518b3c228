"""The company's own identity provider: who somebody is, by OpenID Connect (Core 1.0, code flow with PKCE, RFC 7636).

It says who somebody is, and nothing else: whether he has an account, and which role, stands with us.
"""

import base64
import hmac
import logging
import secrets
import ssl
import threading
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
import msgspec
import truststore
from authlib.common.errors import AuthlibBaseError
from authlib.oauth2 import OAuth2Client
from authlib.oauth2.auth import ClientAuth
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from insuragent.errors import HeadOfficeError, Refused, UserError
from insuragent.i18n import N_

log = logging.getLogger(__name__)

#: What is signed by a key that only the provider has; never "none", nor a secret that we share.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
#: How far its clock may differ from ours, and how long somebody may take to sign in there, in seconds.
_LEEWAY, PATIENCE = 60, 600
#: For how long its addresses and keys are believed, and how soon unknown keys are looked for again, in seconds.
_BELIEVED, _AGAIN = 3600, 30
_TIMEOUT = httpx2.Timeout(10, connect=5)
_LARGEST = 1024 * 1024
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_DISCOVERY = "/.well-known/openid-configuration"

_BAD_ISSUER = N_("统一登录的地址应以 https:// 开头")
_AWAY = N_("公司的统一登录现在不能使用，请稍后再试")
_NOT_PROVED = N_("统一登录没有成功，请重新登录")


class ProviderAway(HeadOfficeError):
    """The provider does not answer, or not as one."""

    message = _AWAY


@dataclass(frozen=True)
class Terms:
    """What was agreed with the provider. ``claim`` is the one by which it names people, ``label`` what it is called."""

    issuer: str
    client_id: str
    secret: str = ""
    claim: str = "email"
    label: str = ""


class Attempt(msgspec.Struct, frozen=True):
    """Somebody went to the provider: what he must bring back, what must be in its answer, and until when."""

    state: str
    nonce: str
    verifier: str
    until: int


class Provider:
    """One provider; safe to be asked by several at once."""

    def __init__(self, terms: Terms, key: bytes) -> None:
        """``key`` is secret and seals attempts. Raises UserError for an issuer that is neither https nor loopback."""
        self.terms, self._key = terms, key
        self._is_local = _is_local(terms.issuer)
        if not self._is_fit(terms.issuer):
            raise UserError(_BAD_ISSUER)
        self._lock = threading.Lock()
        self._told: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._read_at = 0.0

    def begin(self, back: str) -> tuple[str, str]:
        """Where to send somebody who wants to sign in and come ``back``, and the attempt that his browser keeps."""
        until = int(time.time()) + PATIENCE
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        attempt = Attempt(state, nonce, verifier, until)
        where, _state = self._client(back).create_authorization_url(
            self._discovered()["authorization_endpoint"],
            state=attempt.state,
            code_verifier=attempt.verifier,
            nonce=attempt.nonce,
        )
        return where, self._sealed(attempt)

    def finish(self, sealed: str, asked: Mapping[str, str], back: str) -> str:
        """How the provider names whoever came back with what his browser kept and the address ``asked``.

        Raises Refused "bad_login" when anything does not fit, and ProviderAway.
        """
        attempt = self._opened(sealed)
        known = asked.get("iss", self.terms.issuer) == self.terms.issuer  # RFC 9207
        if not hmac.compare_digest(asked.get("state", ""), attempt.state) or not asked.get("code") or not known:
            raise Refused("bad_login", _NOT_PROVED)
        try:
            token = self._exchanged(asked["code"], attempt, back)
            claims = self._proved(token, attempt)
        except (JoseError, AuthlibBaseError, ValueError, KeyError, TypeError) as error:
            log.warning("a sign-in by the provider is not proved: %s", type(error).__name__)
            raise Refused("bad_login", _NOT_PROVED) from error
        named = claims.get(self.terms.claim)
        # Whoever may write any address into his own profile is not known by it.
        trusted = self.terms.claim != "email" or claims.get("email_verified") is True
        if not isinstance(named, str) or not named.strip() or not trusted:
            raise Refused("bad_login", _NOT_PROVED)
        return named

    def sign_out_address(self, back: str) -> str:
        """Where somebody may end his session at the provider too, and come ``back``; empty where it offers none."""
        try:
            where = str(self._discovered().get("end_session_endpoint", ""))
        except ProviderAway:
            return ""
        told = {"client_id": self.terms.client_id, "post_logout_redirect_uri": back}
        return f"{where}{'&' if '?' in where else '?'}{urlencode(told)}" if where and self._is_fit(where) else ""

    def _exchanged(self, code: str, attempt: Attempt, back: str) -> dict[str, Any]:
        """The tokens for a one-time code."""
        endpoint = self._discovered()["token_endpoint"]
        with _line() as line:
            client = self._client(back, line)
            try:
                told: dict[str, Any] = client.fetch_token(
                    endpoint, code=code, grant_type="authorization_code", code_verifier=attempt.verifier
                )
            except httpx2.HTTPError as error:
                raise ProviderAway from error
        return told

    def _proved(self, token: Mapping[str, Any], attempt: Attempt) -> CodeIDToken:
        """The claims of an ID token, every rule of Core 3.1.3.7 checked. Raises JoseError or ValueError."""
        raw = token["id_token"]
        try:
            read = jwt.decode(raw, self._key_set(), algorithms=_ALGORITHMS)
        except (JoseError, ValueError):
            # Its keys may have changed since we looked.
            read = jwt.decode(raw, self._key_set(again=True), algorithms=_ALGORITHMS)
        rules = {"iss": {"essential": True, "value": self.terms.issuer}}
        rules["aud"] = {"essential": True, "value": self.terms.client_id}
        rules["nonce"] = {"essential": True, "value": attempt.nonce}
        rules["exp"] = rules["iat"] = rules["sub"] = {"essential": True}
        expected = {"nonce": attempt.nonce, "client_id": self.terms.client_id}
        expected["access_token"] = token.get("access_token", "")
        claims = CodeIDToken(read.claims, read.header, rules, expected)
        claims.validate(int(time.time()), _LEEWAY)
        return claims

    def _discovered(self) -> dict[str, Any]:
        """The provider's addresses. Raises ProviderAway."""
        with self._lock:
            if not self._told or time.monotonic() - self._read_at > _BELIEVED:
                told = _asked(self.terms.issuer.rstrip("/") + _DISCOVERY)
                wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
                fit = all(self._is_fit(str(told.get(name, ""))) for name in wanted)
                if told.get("issuer") != self.terms.issuer or not fit:
                    raise ProviderAway
                self._told, self._keys, self._read_at = told, None, time.monotonic()
            return self._told

    def _key_set(self, *, again: bool = False) -> KeySet:
        where = self._discovered()["jwks_uri"]
        with self._lock:
            if self._keys is None or (again and time.monotonic() - self._read_at > _AGAIN):
                try:
                    self._keys = KeySet.import_key_set(_asked(where))  # type: ignore[arg-type]  # checked by it
                except (JoseError, ValueError, KeyError, TypeError) as error:
                    raise ProviderAway from error
                self._read_at = time.monotonic()
            return self._keys

    def _client(self, back: str, line: httpx2.Client | None = None) -> OAuth2Client:
        terms = self.terms
        ways = self._told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        how = "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"
        return _Client(
            line, terms.client_id, terms.secret or None, how if terms.secret else "none",
            scope="openid email profile", redirect_uri=back, code_challenge_method="S256",
        )  # fmt: skip

    def _is_fit(self, address: str) -> bool:
        """Whether what goes there cannot be read on the way: https, or this computer if the issuer is there too."""
        return urlsplit(address).scheme == "https" or (self._is_local and _is_local(address))

    def _sealed(self, attempt: Attempt) -> str:
        told = base64.urlsafe_b64encode(msgspec.json.encode(attempt)).decode()
        return f"{told}.{self._mac(told)}"

    def _opened(self, sealed: str) -> Attempt:
        told, _dot, mac = sealed.rpartition(".")
        if not hmac.compare_digest(mac.encode(), self._mac(told).encode()):
            raise Refused("bad_login", _NOT_PROVED)
        attempt = msgspec.json.decode(base64.urlsafe_b64decode(told), type=Attempt)
        if attempt.until < time.time():
            raise Refused("bad_login", _NOT_PROVED)
        return attempt

    def _mac(self, told: str) -> str:
        return base64.urlsafe_b64encode(hmac.digest(self._key, told.encode(), "sha256")).decode()


class _ClientAuth(httpx2.Auth, ClientAuth):  # type: ignore[misc]  # authlib has no types
    """Says who we are at the token endpoint, as authlib does for other clients of HTTP."""

    requires_request_body = True

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """The request with our name and secret in it."""
        told = (request.method, str(request.url), dict(request.headers), request.content.decode())
        address, headers, body = self.prepare(*told)
        headers.pop("content-length", None)
        yield httpx2.Request(request.method, address, headers=headers, content=body)


class _Client(OAuth2Client):  # type: ignore[misc]  # authlib has no types
    """authlib's own client over our line."""

    client_auth_class = _ClientAuth


def _line() -> httpx2.Client:
    trust = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx2.Client(timeout=_TIMEOUT, follow_redirects=False, verify=trust, trust_env=False)


def _asked(address: str) -> dict[str, Any]:
    """A JSON object at an address. Raises ProviderAway."""
    try:
        with _line() as line:
            answer = line.get(address)
        if answer.status_code == 200 and len(answer.content) <= _LARGEST:
            return msgspec.json.decode(answer.content, type=dict[str, Any])
    except (httpx2.HTTPError, msgspec.MsgspecError) as error:
        raise ProviderAway from error
    raise ProviderAway


def _is_local(address: str) -> bool:
    return urlsplit(address).scheme == "http" and urlsplit(address).hostname in _LOOPBACK
