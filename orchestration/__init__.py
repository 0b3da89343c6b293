"""Orchestration: the Dagster definitions around the assets, and the headless entry.

Partitions, resources, settings, sensors, checks and the wiring of dbt. No rule of counting or reading
belongs here.
"""
