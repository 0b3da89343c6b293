{{ config(materialized="table") }}

-- The snapshots that the works in `source_outcomes` are held against. Built after it, so that the next run
-- can tell whether a snapshot came or left, and only then holds every work of the source against it.
-- depends_on: {{ ref("source_outcomes") }}

select
    source,
    drop_version
from {{ ref("latest_snapshots") }}
