{{ config(materialized="incremental", incremental_strategy="replace_cells") }}

-- Output of each country and how it splits: solo, domestic, international (METHOD sections 1 and 2).

with

country_totals as (

    select
        countries.year,
        technologies.technology,
        countries.country,
        count(*) as papers,
        sum(case when countries.is_international then 1 else 0 end) as papers_international,
        sum(countries.output) as output,
        sum(case when countries.authors = 1 then countries.output else 0 end) as solo_output,
        sum(countries.domestic_weight) as domestic_weight
    from {{ ref("int_work_countries") }} as countries
    inner join {{ ref("int_work_technologies") }} as technologies
        on
            countries.year = technologies.year
            and countries.source = technologies.source
            and countries.work_id = technologies.work_id
    where countries.year in (select years.year from {{ source("control", "refresh_cells") }} as years)
    group by 1, 2, 3

),

-- One direction of each ordered pair: a pair's weight counts for both of its countries.
directed_weights as (

    select
        year,
        technology,
        country_a as country,
        weight
    from {{ ref("pair_collaboration") }}
    where year in (select years.year from {{ source("control", "refresh_cells") }} as years)

    union all

    select
        year,
        technology,
        country_b as country,
        weight
    from {{ ref("pair_collaboration") }}
    where year in (select years.year from {{ source("control", "refresh_cells") }} as years)

),

international_weights as (

    select
        year,
        technology,
        country,
        sum(weight) as international_weight
    from directed_weights
    group by 1, 2, 3

),

world_outputs as (

    select
        year,
        technology,
        sum(output) as output,
        sum(case when country = 'ZZ' then 0 else output end) as known_output
    from country_totals
    group by 1, 2

),

-- Sums of thirds and sixths that are equal differ in the last bits; ranks compare what is left of that.
ranks as (

    select
        year,
        technology,
        country,
        rank() over (
            partition by year, technology
            order by round(output, 9) desc
        ) as output_rank
    from country_totals
    where country != 'ZZ'

)

select
    totals.year,
    totals.technology,
    totals.country,
    totals.papers,
    cast(totals.papers_international as {{ dbt.type_bigint() }}) as papers_international,
    totals.output,
    totals.solo_output,
    totals.domestic_weight,
    coalesce(weights.international_weight, 0) as international_weight,
    case when totals.country != 'ZZ' then totals.output / worlds.known_output end as world_share,
    totals.output / worlds.output as world_share_including_unknown,
    ranks.output_rank as rank
from country_totals as totals
inner join world_outputs as worlds
    on
        totals.year = worlds.year
        and totals.technology = worlds.technology
left join international_weights as weights
    on
        totals.year = weights.year
        and totals.technology = weights.technology
        and totals.country = weights.country
left join ranks
    on
        totals.year = ranks.year
        and totals.technology = ranks.technology
        and totals.country = ranks.country
