{{ config(materialized="incremental", incremental_strategy="replace_touched_years") }}

-- The weight of each pair by technology, each work spread evenly over its m technologies; see
-- `int_country_mix`. Pairs without weight are no part of any intensity.

with

spread_works as (

    select
        year,
        source,
        work_id,
        technology,
        count(*) over (partition by source, work_id) as technologies
    from {{ ref("work_technologies") }}
    where year in (select cells.year from {{ source("control", "refresh_cells") }} as cells)

)

select
    works.year,
    works.technology,
    pairs.country_a,
    pairs.country_b,
    sum(pairs.weight / works.technologies) as weight
from spread_works as works
inner join {{ ref("int_work_pairs") }} as pairs
    on
        works.year = pairs.year
        and works.source = pairs.source
        and works.work_id = pairs.work_id
where
    pairs.year in (select cells.year from {{ source("control", "refresh_cells") }} as cells)
    and pairs.weight > 0
group by 1, 2, 3, 4
