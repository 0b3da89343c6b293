{{ config(materialized="table") }}

-- What each year consists of now. Compared with what it consisted of when it was last counted, this tells
-- which years are stale, and which drops made them so. The sum of hashes does not depend on order.

select
    publication_year as year,
    drop_id,
    drop_version,
    count(*) as works,
    cast(sum(cast(content_hash as decimal(38, 0))) as {{ dbt.type_string() }}) as content_total
from {{ ref("work_outcomes") }}
where outcome = 'current'
group by publication_year, drop_id, drop_version
