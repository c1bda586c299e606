"""Run the desk of the workspace the environment describes: ``python -m starloop.pages <port>``."""

import sys

import uvicorn

from starloop import workspace
from starloop.endpoint.guard import Guarding, check_bind
from starloop.pages.app import create
from starloop.pages.process import HOST, KEEP_S

if __name__ == "__main__":
    settings = Guarding()
    check_bind(HOST, settings)
    app = create(workspace.current(), settings)
    uvicorn.run(app, host=HOST, port=int(sys.argv[1]), log_level="warning", timeout_keep_alive=KEEP_S)
