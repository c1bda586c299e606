"""Run the desk of the workspace the environment describes: ``python -m starloop.pages <port>``."""

import sys

import uvicorn

from starloop import workspace
from starloop.pages.app import create
from starloop.pages.process import HOST, KEEP_S

if __name__ == "__main__":
    uvicorn.run(
        create(workspace.current()), host=HOST, port=int(sys.argv[1]), log_level="warning", timeout_keep_alive=KEEP_S
    )
