"""starloop: a nightly machine-learning loop for time-domain astronomy."""

__version__ = "0.1.0"
