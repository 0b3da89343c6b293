{{ config(materialized="incremental", incremental_strategy="replace_touched_years") }}

-- How many works two technologies share: they are not disjoint, and sums over them count works twice.

with

works as (

    select
        year,
        source,
        work_id,
        technology
    from {{ ref("work_technologies") }}
    where year in (select cells.year from {{ source("control", "refresh_cells") }} as cells)

),

sizes as (

    select
        year,
        technology,
        count(*) as works
    from works
    group by year, technology

),

shared_works as (

    select
        a.year,
        a.technology as technology_a,
        b.technology as technology_b,
        count(*) as works
    from works as a
    inner join works as b
        on
            a.year = b.year
            and a.source = b.source
            and a.work_id = b.work_id
            and a.technology < b.technology
    group by 1, 2, 3

)

select
    shared_works.year,
    shared_works.technology_a,
    shared_works.technology_b,
    shared_works.works,
    cast(shared_works.works as double) / (sizes_a.works + sizes_b.works - shared_works.works) as jaccard
from shared_works
inner join sizes as sizes_a
    on
        shared_works.year = sizes_a.year
        and shared_works.technology_a = sizes_a.technology
inner join sizes as sizes_b
    on
        shared_works.year = sizes_b.year
        and shared_works.technology_b = sizes_b.technology
