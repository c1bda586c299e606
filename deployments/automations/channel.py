"""Where alerts go: one Prefect block, whose address is a secret."""

import re
from typing import cast

from prefect.blocks.abstract import NotificationError
from prefect.blocks.notifications import SlackWebhook
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import BlockDocument
from prefect.exceptions import ObjectNotFound
from pydantic import SecretStr

from starloop.errors import BadInput, StarloopError
from starloop.settings import Settings

BLOCK = "starloop-alerts"
LOCAL = "local"
_SLACK = re.compile(r"https://hooks\.slack(-gov)?\.com/services/")
_LOCAL = re.compile(r"json://127\.0\.0\.1:\d+/alerts$")


def local(port: int) -> str:
    """Give the address of the receiver that `starloop up` starts."""
    return f"json://127.0.0.1:{port}/alerts"


def wanted(settings: Settings, now: str | None) -> str:
    """Give the address alerts should go to.

    Parameters
    ----------
    settings : Settings
        What the environment says; where it says nothing, an address that is there already stays.
    now : str or None
        Where they go now.

    Raises
    ------
    BadInput
        When it is no address; it is a secret, so the sentence does not repeat it.
    """
    told = settings.alerts.get_secret_value() if settings.alerts else None
    if told == LOCAL or (told is None and (now is None or _LOCAL.match(now))):
        return local(settings.ports.alerts)
    return _apprise(told) if told is not None else str(now)


def find(client: SyncPrefectClient) -> BlockDocument | None:
    """Give the block, with its secret, or None before the first."""
    try:
        return client.read_block_document_by_name(BLOCK, SlackWebhook.get_block_type_slug(), include_secrets=True)
    except ObjectNotFound:
        return None


def change(client: SyncPrefectClient, settings: Settings) -> str | None:
    """Say what `apply` would do to the channel, or None; the address is not part of it."""
    block = find(client)
    if block is None:
        return f"create channel {BLOCK}"
    return None if block.data["url"] == wanted(settings, block.data["url"]) else f"update channel {BLOCK}"


def apply(client: SyncPrefectClient, settings: Settings) -> None:
    """Make the block what it should be.

    Prefect's server only knows the blocks Prefect ships, and none for any address that Apprise knows; its Slack block
    hands what is no Slack webhook to Apprise as it is. Its custom webhook would do, but one that does not answer is
    tried again without end being told, its address in the server's log.
    """
    block = find(client)
    address = wanted(settings, block.data["url"] if block else None)
    SlackWebhook(url=SecretStr(address)).save(BLOCK, overwrite=True)


def try_out() -> None:
    """Send a harmless alert; raise `StarloopError` when it is not taken."""
    block = cast(SlackWebhook, SlackWebhook.load(BLOCK))
    with block.raise_on_failure():
        try:
            block.notify("Alerts come here.", subject="starloop: trying out the alerts")
        except NotificationError as wrong:
            raise StarloopError(f"the alert was not taken: {wrong.log.strip()}") from None


def _apprise(address: str) -> str:
    """Give the address as Apprise takes it; a webhook that is not Slack's gets JSON."""
    if not re.match(r"[a-z]+://[^/\s]", address):
        raise BadInput(
            "STARLOOP_ALERTS is no address: give a webhook (https://...), one that Apprise knows (mailtos://...), "
            "or `local`"
        )
    if not address.startswith(("http://", "https://")) or _SLACK.match(address):
        return address
    scheme, _, rest = address.partition("://")
    place, _, query = rest.partition("?")
    # to Apprise, what a query says is meant for Apprise, unless a dash says that it is the receiver's
    asked = "&".join(f"-{part}" for part in query.split("&")) if query else ""
    return f"json{'s' if scheme == 'https' else ''}://{place}{'?' + asked if asked else ''}"
