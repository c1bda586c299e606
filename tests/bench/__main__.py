"""`make bench`: every benchmark; exit code 1 when a bar is missed."""

import sys

from tests.bench import archives, features, periods, sky, statistics, training

if __name__ == "__main__":
    met = [sky.main(), archives.main(), statistics.main(), periods.main(), features.main(), training.main()]
    sys.exit(0 if all(met) else 1)
