"""`python -m tests.bench`: the benchmarks, see docs/benchmarks.md."""

import sys

# Processes that read files import this module again; they must not start a benchmark.
if __name__ == "__main__":
    from tests.bench.cli import main

    sys.exit(main())
