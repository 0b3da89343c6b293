{{ config(materialized="view") }}

-- The drop that says what a source holds: the latest of those that are all of it (METHOD section 5). One that
-- states no date cannot tell what came later, and says nothing.

with

snapshots as (

    select
        source,
        drop_version,
        stated_date,
        row_number() over (
            partition by source
            order by stated_date desc, drop_id desc
        ) as recency
    from {{ source("control", "active_drops") }}
    where mode = 'snapshot' and stated_date is not null

)

select
    source,
    drop_version,
    stated_date
from snapshots
where recency = 1
