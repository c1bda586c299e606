"""schemathesis: requests made from an OpenAPI document, good and bad, and their answers held against it."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from starloop.pipeline import ROOT

# Lists of the same length are more than JSON Schema can say: some of what it allows is refused, and rightly.
LEFT_OUT = "positive_data_acceptance"
EXAMPLES = 500


def holds(document: str, url: str, seed: int) -> bool:
    """Run it, its report going to the terminal; tell whether every answer was as the document says.

    Parameters
    ----------
    document, url : str
        Where the document is, and where the app answers.
    seed : int
        The same one asks the same.
    """
    words = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run", document, "--url", url),
        *("--checks", "all", "--exclude-checks", LEFT_OUT),
        *("--max-examples", str(EXAMPLES), "--seed", str(seed), "--no-color"),
    ]
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "tests.fuzz.hooks", "PYTHONPATH": str(ROOT)}
    # It keeps the examples it found in the folder it runs in.
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(words, cwd=folder, env=environment, check=False).returncode == 0
