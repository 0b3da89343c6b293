{{ config(materialized="incremental", incremental_strategy="replace_cells") }}

-- Where collaborating pays: how many of two countries' joint papers are among the most cited tenth, those at
-- the cut counted in part. 0.1 is what any set of works has on average.

select
    impacts.year,
    impacts.technology,
    pairs.country_a,
    pairs.country_b,
    count(*) as papers,
    sum(impacts.impact) as high_impact_papers,
    sum(impacts.impact) / count(*) as high_impact_share
from {{ ref("int_work_impacts") }} as impacts
inner join {{ ref("int_work_pairs") }} as pairs
    on
        impacts.year = pairs.year
        and impacts.source = pairs.source
        and impacts.work_id = pairs.work_id
where
    pairs.year in (select cells.year from {{ source("control", "refresh_cells") }} as cells)
    and 'ZZ' not in (pairs.country_a, pairs.country_b)
group by 1, 2, 3, 4
