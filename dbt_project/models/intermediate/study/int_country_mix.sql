{{ config(materialized="incremental", incremental_strategy="replace_touched_years") }}

-- The output of each country by technology, each work spread evenly over its m technologies, so that the
-- technologies add up to `critical`. Looks at all technologies of a year at once, since one more changes m.

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
    countries.country,
    sum(countries.output / works.technologies) as output
from spread_works as works
inner join {{ ref("int_work_countries") }} as countries
    on
        works.year = countries.year
        and works.source = countries.source
        and works.work_id = countries.work_id
where countries.year in (select cells.year from {{ source("control", "refresh_cells") }} as cells)
group by 1, 2, 3
