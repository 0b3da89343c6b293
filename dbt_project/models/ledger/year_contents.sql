{{ config(materialized="table") }}

-- What each year consists of now. Compared with what it consisted of when it was last counted, this tells
-- which years are stale, and which drops made them so. The sum of hashes does not depend on order.

with

-- The counted works and what is merged into them, each by the year it counts in. Merged records are no works
-- of their own; their hashes are taken off, so that two records that change places change the sum.
counted_records as (

    select
        drop_id,
        drop_version,
        publication_year as year,
        1 as works,
        cast(content_hash as decimal(38, 0)) as content
    from {{ ref("work_outcomes") }}
    where outcome = 'current'

    union all

    select
        drop_id,
        drop_version,
        counted_year as year,
        0 as works,
        -cast(content_hash as decimal(38, 0)) as content
    from {{ ref("work_outcomes") }}
    where outcome = 'merged'

)

select
    year,
    drop_id,
    drop_version,
    cast(sum(works) as {{ dbt.type_bigint() }}) as works,
    cast(sum(content) as {{ dbt.type_string() }}) as content_total
from counted_records
group by year, drop_id, drop_version
