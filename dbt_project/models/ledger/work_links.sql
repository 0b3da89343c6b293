{{ config(materialized="table", schema="marts") }}

-- Which records are one work with a record of another source, and which only have its DOI (METHOD section 5).

select
    doi,
    source,
    work_id,
    publication_year as year,
    drop_id,
    counted_source,
    counted_work_id,
    counted_year,
    relation,
    title_overlap
from {{ ref("work_outcomes") }}
where relation is not null
