"""MLflow's server, as the local stack starts it."""

import sys

from starloop.nights.store import Home

HOST = "127.0.0.1"


def command(home: Home, port: int, names: str) -> list[str]:
    """Give the command line of a server with one worker, on 127.0.0.1.

    Parameters
    ----------
    home : Home
        Has the database and the artifacts.
    port : int
        Where it listens.
    names : str
        Separated by commas, the names by which others may ask it. A name counts with any port and without one, as a
        client leaves out the port it takes for granted. Unless given, only this machine and addresses may.
    """
    words = [
        *(sys.executable, "-m", "mlflow", "server", "--host", HOST, "--port", str(port), "--workers", "1"),
        *("--backend-store-uri", f"sqlite:///{home.mlflow_db.resolve()}"),
        *("--default-artifact-root", home.artifacts.resolve().as_uri(), "--no-serve-artifacts"),
    ]
    asked = [name.strip() for name in names.split(",") if name.strip()]
    if asked:
        # MLflow's own list is replaced, not added to.
        hosts = [host for name in ("localhost", HOST, *asked) for host in (name, f"{name}:*")]
        words += ["--allowed-hosts", ",".join(hosts)]
    return words
