"""JSON Web Tokens as a site issues them, good and bad, and the site that publishes its keys."""

import json
import time
from dataclasses import dataclass, field
from typing import Any, cast

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from tests.support.web_server import response

ISSUER = "https://site.example"
AUDIENCE = "https://books.example"
SECRET = "a shared secret of sixty-four bytes or more, for the longest of HMACs"

PrivateKey = ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def claims(**changes: Any) -> dict[str, Any]:
    """Return the claims of a good token; None takes one away."""
    now = int(time.time())
    good = {
        "sub": "ann",
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + 900,
        **changes,
    }
    return {name: value for name, value in good.items() if value is not None}


def shared_secret_token(secret: str = SECRET, **changes: Any) -> str:
    """Return a token signed with a shared secret."""
    return jwt.encode(claims(**changes), secret, algorithm="HS256")


def _new_key(algorithm: str) -> PrivateKey:
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm == "RS256":
        return rsa.generate_private_key(65_537, 2_048)
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class Issuer:
    """A site that signs with keys of its own, and publishes their public halves."""

    algorithm: str = "EdDSA"
    kid: str = "key-1"
    key: PrivateKey = field(init=False)

    def __post_init__(self) -> None:
        """Make its key."""
        self.key = _new_key(self.algorithm)

    def token(self, *, kid: str | None = "", **changes: Any) -> str:
        """Return a token; `kid` "" is the key's own."""
        headers = {"kid": self.kid if kid == "" else kid} if kid is not None else None
        return jwt.encode(claims(**changes), self.key, algorithm=self.algorithm, headers=headers)

    @property
    def jwk(self) -> dict[str, Any]:
        """The public key, as Better Auth publishes it: without `use`."""
        public = self.key.public_key()
        kinds = {"EdDSA": OKPAlgorithm, "RS256": RSAAlgorithm, "ES256": ECAlgorithm}
        made = cast("Any", kinds[self.algorithm]).to_jwk(public)
        return {**json.loads(made), "kid": self.kid, "alg": self.algorithm}


def jwks_response(*issuers: Issuer) -> bytes:
    """Return the HTTP response that publishes keys."""
    body = json.dumps({"keys": [issuer.jwk for issuer in issuers]}).encode()
    return response(body, "content-type: application/json", "connection: close")
