{{ config(materialized="incremental", incremental_strategy="replace_cells") }}

-- What each country has of the most cited tenth of each technology and year: its fractional count of these
-- works, those at the cut counted in part (see `high_impact_cutoffs`).

with

country_totals as (

    select
        impacts.year,
        impacts.technology,
        countries.country,
        count(*) as works_considered,
        sum(impacts.impact * countries.output) as high_impact_output
    from {{ ref("int_work_impacts") }} as impacts
    inner join {{ ref("int_work_countries") }} as countries
        on
            impacts.year = countries.year
            and impacts.source = countries.source
            and impacts.work_id = countries.work_id
    where countries.year in (select cells.year from {{ source("control", "refresh_cells") }} as cells)
    group by 1, 2, 3

),

known_totals as (

    select
        year,
        technology,
        sum(high_impact_output) as high_impact_output
    from country_totals
    where country != 'ZZ'
    group by year, technology

),

ranks as (

    select
        year,
        technology,
        country,
        rank() over (
            partition by year, technology
            order by {{ rank_value("high_impact_output") }} desc nulls last
        ) as output_rank
    from country_totals
    where country != 'ZZ' and high_impact_output is not null

)

select
    totals.year,
    totals.technology,
    totals.country,
    totals.works_considered,
    totals.high_impact_output,
    case
        when totals.country != 'ZZ' then totals.high_impact_output / nullif(known.high_impact_output, 0)
    end as high_impact_share,
    ranks.output_rank as rank
from country_totals as totals
left join known_totals as known
    on
        totals.year = known.year
        and totals.technology = known.technology
left join ranks
    on
        totals.year = ranks.year
        and totals.technology = ranks.technology
        and totals.country = ranks.country
