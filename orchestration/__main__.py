"""`python -m orchestration`: the headless entry."""

import sys

# Processes that read files import this module again; they must not start a pipeline.
if __name__ == "__main__":
    from orchestration.cli import main

    sys.exit(main())
