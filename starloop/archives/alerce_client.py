"""The alerce client: told where its archive is, and asked only for what it gives whole."""

import json
import os
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import requests

from starloop.archives.line import Refused, Unavailable

_CONFIGURED_BY = "ALERCE_CONFIG_PATH"
_CONFIGURING = threading.Lock()


def make_client(url: str) -> Any:
    """Make the client; it is configured by a file that the environment names when it is imported and made."""
    with _CONFIGURING, tempfile.TemporaryDirectory() as folder:
        before = os.environ.pop(_CONFIGURED_BY, None)
        try:
            from alerce.core import Alerce as Client
            from alerce.utils import load_config

            config = load_config(None)
            config["ztf"]["ZTF_API_URL"] = url
            file = Path(folder, "alerce.json")
            file.write_text(json.dumps(config))
            os.environ[_CONFIGURED_BY] = str(file)
            client = Client()
        finally:
            os.environ.pop(_CONFIGURED_BY, None)
            if before is not None:
                os.environ[_CONFIGURED_BY] = before
    client.legacy_ztf_client.session.hooks["response"].append(_read_fast)
    return client


def _read_fast(response: requests.Response, **_: Any) -> None:
    """Let the client read the answer with the faster of two readers, where it is as strict JSON as that asks for."""
    with suppress(orjson.JSONDecodeError):
        answer = orjson.loads(response.content)
        response.json = lambda **_: answer  # type: ignore[method-assign]


def ask_json(ask: Callable[..., Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Ask for JSON; the client's tables lose and multiply rows.

    Raises
    ------
    Unavailable
        When the answer is something else.
    Refused
        When there is no asking at the address.
    """
    try:
        answer = ask(*args, format="json", **kwargs)
    except json.JSONDecodeError as wrong:
        raise Unavailable("its answer is not JSON") from wrong
    except requests.RequestException as wrong:
        raise Refused(f"its address cannot be asked: {wrong}") from wrong
    if not isinstance(answer, dict):
        raise Unavailable("its answer is not an object of JSON")
    return answer
