{{ config(materialized="incremental", incremental_strategy="replace_years") }}

-- What each work gives to each country and group: its weights with the members other than itself, added up
-- (METHOD section 6). A row exists as soon as the country and such a member are both on the work.

with

directed_pairs as (

    select
        year,
        source,
        work_id,
        country_a as country,
        country_b as partner,
        weight
    from {{ ref("int_work_pairs") }}
    where year in (select years.year from {{ source("control", "refresh_years") }} as years)

    union all

    select
        year,
        source,
        work_id,
        country_b as country,
        country_a as partner,
        weight
    from {{ ref("int_work_pairs") }}
    where year in (select years.year from {{ source("control", "refresh_years") }} as years)

)

select
    pairs.year,
    pairs.source,
    pairs.work_id,
    members.group_set,
    members.group_name,
    pairs.country,
    sum(pairs.weight) as weight
from directed_pairs as pairs
inner join {{ ref("country_groups") }} as members
    on pairs.partner = members.country
group by 1, 2, 3, 4, 5, 6
