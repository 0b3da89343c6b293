{{ config(materialized="table") }}

-- Technology is a dimension: the works of each technology that is being refreshed, of this run alone. `all`
-- is every in-scope work, `critical` every work in at least one technology. A work counts fully in each of
-- its technologies, so the technologies of a year do not add up to either.

with

years as (

    select distinct cells.year
    from {{ source("control", "refresh_cells") }} as cells

),

technologies as (

    select
        publication_year as year,
        source,
        work_id,
        'all' as technology
    from {{ ref("work_outcomes") }}
    where outcome = 'current' and publication_year in (select years.year from years)

    union all

    select distinct
        year,
        source,
        work_id,
        'critical' as technology
    from {{ ref("work_technologies") }}
    where year in (select years.year from years)

    union all

    select
        year,
        source,
        work_id,
        technology
    from {{ ref("work_technologies") }}
    where year in (select years.year from years)

)

select
    technologies.year,
    technologies.source,
    technologies.work_id,
    technologies.technology
from technologies
inner join {{ source("control", "refresh_cells") }} as cells
    on
        technologies.year = cells.year
        and technologies.technology = cells.technology
