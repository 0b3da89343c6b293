{{ config(materialized="view") }}

-- The institutions with most of the most cited tenth of each technology, over the last complete years.

with

totals as (

    select
        impacts.technology,
        years.window_end,
        impacts.institution_id,
        max_by(impacts.name, impacts.year) as name,
        max_by(impacts.country, impacts.year) as country,
        sum(impacts.high_impact_output) as high_impact_output
    from {{ ref("int_institution_impacts") }} as impacts
    inner join {{ ref("int_leader_window") }} as years
        on impacts.year between years.window_start and years.window_end
    group by 1, 2, 3

),

ranks as (

    select
        technology,
        institution_id,
        rank() over (
            partition by technology
            order by {{ rank_value("high_impact_output") }} desc nulls last
        ) as output_rank
    from totals
    where institution_id != 'unknown'

)

select
    totals.technology,
    totals.window_end,
    totals.institution_id,
    totals.name,
    totals.country,
    totals.high_impact_output,
    ranks.output_rank as rank
from totals
left join ranks
    on
        totals.technology = ranks.technology
        and totals.institution_id = ranks.institution_id
