"""The health of a store: checks that look at one aspect each and say what is wrong and what to do next.

They write nothing, and work beside a run, on a read-only store and on a damaged one. What concerns Dagster's
instance is `orchestration.instance_health`; what every finding means is told in `docs/operations.md`.
"""
