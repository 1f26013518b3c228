"""An identity provider of the tests: authlib's own server side over HTTP, with keys of its own, that can also lie."""

import base64
import hmac
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import flask
import httpx2
import msgspec
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from tests.processes import Running

CLIENT, SECRET = "insuragent-console", "only the two of us know it"
#: What the provider may do wrong in an ID token.
LIES = (
    "nonce", "no_nonce", "issuer", "audience", "expired", "none", "foreign_key", "shared_key", "no_token", "unverified",
    "altered",
)  # fmt: skip


class Client:
    """The console, as the provider knows it; one client, with a secret."""

    client_id = CLIENT

    def check_redirect_uri(self, address: str) -> bool:
        """Whether somebody may be sent back there."""
        return address.endswith("/console/oidc/done")

    def check_client_secret(self, secret: str) -> bool:
        """Whether it is the console that asks."""
        return secret == SECRET

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        """Its secret goes in the head."""
        return method == "client_secret_basic"

    def check_response_type(self, kind: str) -> bool:
        """Codes only."""
        return kind == "code"

    def check_grant_type(self, kind: str) -> bool:
        """Codes only."""
        return kind == "authorization_code"

    def get_allowed_scope(self, scope: str) -> str:
        """All that it asks."""
        return scope


class Code(msgspec.Struct):
    """A code that was given out, with all that must be the same when it comes back."""

    code: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    person: str
    lie: str

    def get_redirect_uri(self) -> str:
        """As authlib asks for it."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """As authlib asks for it."""
        return self.scope

    def get_nonce(self) -> str:
        """As authlib asks for it."""
        return self.nonce

    def get_auth_time(self) -> int:
        """As authlib asks for it."""
        return int(time.time())

    def get_acr(self) -> None:
        """As authlib asks for it."""

    def get_amr(self) -> None:
        """As authlib asks for it."""


CODES: dict[str, Code] = {}


class Grant(AuthorizationCodeGrant):  # type: ignore[misc]  # authlib has no types
    """Codes, each good for one use."""

    def save_authorization_code(self, code: str, request: Any) -> None:
        """Keep a code with what was asked."""
        told, asked = request.payload, request.payload.data
        CODES[code] = Code(
            code, told.redirect_uri, told.scope, asked.get("nonce", ""), asked.get("code_challenge", ""),
            asked.get("code_challenge_method", ""), request.user, asked.get("lie", ""),
        )  # fmt: skip

    def query_authorization_code(self, code: str, _client: Client) -> Code | None:
        """A code that was not used yet."""
        return CODES.get(code)

    def delete_authorization_code(self, code: Code) -> None:
        """It was used."""
        del CODES[code.code]

    def authenticate_user(self, code: Code) -> str:
        """Whose it is."""
        return code.person


class Tokens(OpenIDCode):  # type: ignore[misc]  # authlib has no types
    """ID tokens, true ones and others."""

    def __init__(self, issuer: str, own: RSAKey, foreign: RSAKey) -> None:
        super().__init__(require_nonce=False)
        self._issuer, self._own, self._foreign = issuer, own, foreign

    def exists_nonce(self, _nonce: str, _request: Any) -> bool:
        """It is the console that must look after its nonces."""
        return False

    def encode_id_token(self, token: Any, request: Any) -> str:
        """The token of a person, wrong in one thing if that was asked for."""
        code: Code = request.authorization_code
        now = int(time.time())
        claims = {
            "iss": self._issuer, "aud": CLIENT, "sub": f"id of {code.person}", "iat": now, "exp": now + 300,
            "nonce": code.nonce, "email": code.person, "email_verified": True,
        }  # fmt: skip
        changes: dict[str, dict[str, Any]] = {
            "nonce": {"nonce": "another"}, "no_nonce": {"nonce": None}, "issuer": {"iss": "https://elsewhere.example"},
            "audience": {"aud": "another console"}, "expired": {"iat": now - 900, "exp": now - 600},
            "unverified": {"email_verified": False},
        }  # fmt: skip
        claims = {name: value for name, value in (claims | changes.get(code.lie, {})).items() if value is not None}
        key, head = self._own, {"alg": "RS256", "kid": self._own.kid}
        match code.lie:
            case "none":
                plain = jwt.encode(head, claims, key).split(".")
                return ".".join((_part({"alg": "none"}), plain[1], ""))
            case "shared_key":  # our public key taken for a secret that both know
                return _signed_by_secret(claims, self._own)
            case "foreign_key":
                key = self._foreign
        made = str(jwt.encode(head, claims, key))
        return made[:-8] + "AAAAAAAA" if code.lie == "altered" else made

    def process_token(self, grant: Any, response: Any) -> Any:
        """An answer with the token in it, or without."""
        if grant.request.authorization_code.lie == "no_token":
            return response[1]
        return super().process_token(grant, response)


def _part(told: Any) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(told)).rstrip(b"=").decode()


def _signed_by_secret(claims: Any, key: RSAKey) -> str:
    told = f"{_part({'alg': 'HS256', 'kid': key.kid})}.{_part(claims)}"
    mac = hmac.digest(key.as_pem(private=False), told.encode(), "sha256")
    return f"{told}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def application(issuer: str) -> flask.Flask:
    """The provider's pages. It signs in whom ``person`` names: what people prove to it is not ours to test."""
    web = flask.Flask("provider")
    own, foreign = (RSAKey.generate_key(2048, auto_kid=True) for _ in range(2))
    server = AuthorizationServer(web, lambda name: Client() if name == CLIENT else None, lambda _token, _request: None)
    server.register_grant(Grant, [Tokens(issuer, own, foreign), CodeChallenge(required=True)])

    @web.get("/.well-known/openid-configuration")
    def discovery() -> dict[str, Any]:
        return {
            "issuer": issuer, "authorization_endpoint": f"{issuer}/authorize", "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys", "end_session_endpoint": f"{issuer}/leave",
            "subject_types_supported": ["public"], "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }  # fmt: skip

    @web.get("/keys")
    def keys() -> Any:
        return KeySet([own]).as_dict(private=False)

    @web.get("/authorize")
    def authorize() -> Any:
        person = flask.request.args.get("person") or None
        return server.create_authorization_response(grant_user=person, grant=server.get_consent_grant(end_user=person))

    @web.post("/token")
    def token() -> Any:
        return server.create_token_response()

    return web


def serve(telling: Connection) -> None:
    """Serve on a free port of this computer, and tell its address."""
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    server = make_server("127.0.0.1", 0, Response(), threaded=True)
    issuer = f"http://127.0.0.1:{server.server_port}"
    server.app = application(issuer)
    telling.send(issuer)
    server.serve_forever()


@contextmanager
def provider(folder: Path) -> Iterator[str]:
    """A provider as a process; its issuer."""
    process = Running(serve, folder / "provider.log")
    try:
        assert process.told.poll(30), (folder / "provider.log").read_text()
        yield process.told.recv()
    finally:
        process.end(signal.SIGKILL)


def walk(where: str, person: str, lie: str = "") -> str:
    """What somebody's browser does at the provider, who is sent back: the address that he is sent to."""
    asked = httpx2.get(f"{where}&{urlencode({'person': person, 'lie': lie})}", trust_env=False)
    assert asked.status_code == 302, asked.text
    return asked.headers["location"]
