"""``python -m deployments`` is the starloop command."""

from deployments.cli import main

if __name__ == "__main__":
    main()
