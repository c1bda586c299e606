"""Who may ask: tokens, of which only the hashes are known here."""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass

from starloop.errors import BadInput

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="starloop", Basic realm="starloop", charset="UTF-8"'}
_ENTRY = re.compile(r"([\w.-]+):([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True)
class Tokens:
    """The tokens that are good now; taking one out revokes it.

    Parameters
    ----------
    hashes : dict of str to bytes
        SHA-256 of each token, by its name. A token is long and random, so a fast hash is enough.
    """

    hashes: dict[str, bytes]

    @classmethod
    def parse(cls, told: str) -> "Tokens":
        """Read ``name:sha256hex`` entries, separated by commas.

        Raises
        ------
        BadInput
            When one is malformed or two have one name. It is not repeated: it may be a secret in the wrong place.
        """
        hashes: dict[str, bytes] = {}
        for number, entry in enumerate((part.strip() for part in told.split(",") if part.strip()), 1):
            parts = _ENTRY.fullmatch(entry)
            if parts is None:
                raise BadInput(
                    f"entry {number} of STARLOOP_TOKENS is not name:sha256hex; make one with"
                    " `printf %s THE-TOKEN | sha256sum`"
                )
            name, digest = parts.groups()
            if name in hashes:
                raise BadInput(
                    f"entry {number} of STARLOOP_TOKENS has the name of another one, {name}: give it its own"
                )
            hashes[name] = bytes.fromhex(digest)
        return cls(hashes)

    def __bool__(self) -> bool:
        return bool(self.hashes)

    def name(self, authorization: str) -> str | None:
        """Give the name of the token in an ``Authorization`` header; None when it has none that is good.

        ``Bearer`` takes the token itself, ``Basic`` the token as password, so that browsers can ask.
        All hashes are compared, each in constant time, so that the time taken tells nothing.
        """
        digest = hashlib.sha256(shown(authorization)).digest()
        found = None
        for name, expected in self.hashes.items():
            if hmac.compare_digest(digest, expected):
                found = name
        return found


def shown(authorization: str) -> bytes:
    """Give the token in an ``Authorization`` header; empty where there is none."""
    scheme, _, rest = authorization.strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip().encode()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest.strip(), validate=True).partition(b":")[2]
        except binascii.Error:
            return b""
    return b""
