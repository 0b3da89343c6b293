{{ config(materialized="table", schema="marts") }}

-- Every record of every active drop with exactly one outcome (METHOD section 3, identity 5).

select
    drop_id,
    source,
    outcome,
    reason,
    count(*) as records
from {{ ref("work_outcomes") }}
group by 1, 2, 3, 4

union all

select
    drop_id,
    source,
    'rejected' as outcome,
    reason,
    records
from {{ source("control", "rejected_records") }}
