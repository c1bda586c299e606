"""Credentials that live in Secret blocks of a real Prefect server."""

from prefect.blocks.system import Secret
from prefect.client.orchestration import SyncPrefectClient
from pydantic import SecretStr

from starloop.archives.config import Credentials
from tasks.credentials import BLOCKS, complete


def test_a_secret_block_stands_in_for_a_missing_variable_and_never_for_a_set_one(client: SyncPrefectClient) -> None:
    assert complete(Credentials()) == Credentials()
    for name in ("irsa_user", "irsa_password", "mast_token"):
        Secret(value=f"canary of {name}").save(BLOCKS[name], overwrite=True)
    got = complete(Credentials(mast_token=SecretStr("from the environment")))
    assert got.mast_token == SecretStr("from the environment")
    assert got.irsa_user == SecretStr("canary of irsa_user")
    assert got.irsa_password == SecretStr("canary of irsa_password")
    assert got.alerce_token is None
    assert "canary" not in repr(got) + got.model_dump_json()
