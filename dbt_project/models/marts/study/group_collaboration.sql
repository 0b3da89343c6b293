{{ config(materialized="incremental", incremental_strategy="replace_cells") }}

-- Weight and intensity of each country with each group (METHOD section 6); of a member, with the others of
-- its group. Formed from works, since papers do not add up over members. Rows with `ZZ` are kept, as in
-- `pair_collaboration`.

with

totals as (

    select
        works.year,
        technologies.technology,
        works.country,
        works.group_set,
        works.group_name,
        count(*) as papers,
        sum(works.weight) as weight
    from {{ ref("int_work_group_pairs") }} as works
    inner join {{ ref("int_work_technologies") }} as technologies
        on
            works.year = technologies.year
            and works.source = technologies.source
            and works.work_id = technologies.work_id
    where works.year in (select years.year from {{ source("control", "refresh_cells") }} as years)
    group by 1, 2, 3, 4, 5

),

intensities as (

    select
        totals.*,
        totals.weight / sqrt(countries.output * groups.output) as intensity
    from totals
    inner join {{ ref("country_output") }} as countries
        on
            totals.year = countries.year
            and totals.technology = countries.technology
            and totals.country = countries.country
    inner join {{ ref("group_output") }} as groups
        on
            totals.year = groups.year
            and totals.technology = groups.technology
            and totals.group_set = groups.group_set
            and totals.group_name = groups.group_name

)

-- A country and a group that only ever work with each other have intensity 1, which division may miss by an
-- ulp.
select
    year,
    technology,
    country,
    group_set,
    group_name,
    papers,
    weight,
    case when intensity > 1 and intensity < 1 + 1e-9 then 1 else intensity end as intensity
from intensities
