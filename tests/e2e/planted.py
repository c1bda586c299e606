"""Secrets that are planted, and where they turn up."""

from base64 import b64encode
from pathlib import Path
from urllib.parse import quote, quote_plus

SECRETS = {
    "MAST_API_TOKEN": "c0ffee00c0ffee11c0ffee22c0ffee33",
    "STARLOOP_IRSA_USER": "canary-user@observatory.example",
    "STARLOOP_IRSA_PASSWORD": "canary/irsa+password&%",
    "STARLOOP_ALERCE_TOKEN": "canary-alerce-token-4711",
    "AWS_ACCESS_KEY_ID": "CANARYACCESSKEY0815",
    "AWS_SECRET_ACCESS_KEY": "canary/secret+access&key",
}
"""Planted in the environment of commands, to be found nowhere afterwards."""
TALKATIVE = {"PREFECT_LOGGING_LEVEL": "DEBUG", "PREFECT_LOGGING_ROOT_LEVEL": "DEBUG", "DVC_LOGLEVEL": "DEBUG"}


def found(said: str, home: Path) -> list[tuple[str, str]]:
    """Give each secret that is in an output or in a file below a folder, however it is written, and where."""
    forms = {
        name: {secret, quote(secret), quote_plus(secret), b64encode(secret.encode()).decode()}
        for name, secret in SECRETS.items()
    }
    files = [path for path in home.rglob("*") if path.is_file()]
    places = {"output": said.encode()} | {str(path): path.read_bytes() for path in files}
    return [
        (name, place)
        for place, text in places.items()
        for name, written in forms.items()
        if any(form.encode() in text for form in written)
    ]
