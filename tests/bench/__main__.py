"""`make bench`: every benchmark; exit code 1 when a bar is missed."""

import sys

from tests.bench import sky

if __name__ == "__main__":
    sys.exit(0 if sky.main() else 1)
