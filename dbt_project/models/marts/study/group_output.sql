{{ config(materialized="incremental", incremental_strategy="replace_cells") }}

-- Output and weights of each group of countries (METHOD section 6). Outputs and weights are the members',
-- added up; papers are counted from works, each once.

with

member_outputs as (

    select
        countries.year,
        countries.technology,
        members.group_set,
        members.group_name,
        count(*) as members,
        sum(countries.output) as output,
        sum(countries.domestic_weight) as domestic_weight,
        sum(countries.international_weight) as international_weight,
        sum(countries.world_share) as world_share
    from {{ ref("country_output") }} as countries
    inner join {{ ref("country_groups") }} as members
        on countries.country = members.country
    where countries.year in (select years.year from {{ source("control", "refresh_cells") }} as years)
    group by 1, 2, 3, 4

),

-- One direction of each pair of members.
weights_between_members as (

    select
        pairs.year,
        pairs.technology,
        a.group_set,
        a.group_name,
        sum(pairs.weight) as weight
    from {{ ref("pair_collaboration") }} as pairs
    inner join {{ ref("country_groups") }} as a
        on pairs.country_a = a.country
    inner join {{ ref("country_groups") }} as b
        on
            pairs.country_b = b.country
            and a.group_set = b.group_set
            and a.group_name = b.group_name
    where pairs.year in (select years.year from {{ source("control", "refresh_cells") }} as years)
    group by 1, 2, 3, 4

),

group_papers as (

    select
        works.year,
        technologies.technology,
        works.group_set,
        works.group_name,
        count(*) as papers
    from {{ ref("int_work_groups") }} as works
    inner join {{ ref("int_work_technologies") }} as technologies
        on
            works.year = technologies.year
            and works.source = technologies.source
            and works.work_id = technologies.work_id
    where works.year in (select years.year from {{ source("control", "refresh_cells") }} as years)
    group by 1, 2, 3, 4

)

-- A weight that is 0 in exact arithmetic may come out as +-1e-17 when the inside is taken off.
select
    papers.year,
    papers.technology,
    papers.group_set,
    papers.group_name,
    outputs.members,
    papers.papers,
    outputs.output,
    outputs.domestic_weight + 2 * coalesce(between_members.weight, 0) as inside_weight,
    greatest(
        outputs.international_weight - 2 * coalesce(between_members.weight, 0), 0
    ) as international_weight,
    outputs.world_share
from group_papers as papers
inner join member_outputs as outputs
    on
        papers.year = outputs.year
        and papers.technology = outputs.technology
        and papers.group_set = outputs.group_set
        and papers.group_name = outputs.group_name
left join weights_between_members as between_members
    on
        papers.year = between_members.year
        and papers.technology = between_members.technology
        and papers.group_set = between_members.group_set
        and papers.group_name = between_members.group_name
