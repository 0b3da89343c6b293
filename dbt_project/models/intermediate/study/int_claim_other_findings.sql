{{ config(materialized="view") }}

-- What is found for the statements about outputs, groups and technologies: one row a statement that anything
-- can be found for. `effective_number` is what the finding rests on, in papers.

with

statements as (

    select *
    from {{ ref("claim_statements") }}

),

-- Fewer than a thousand works, 25 times 40, are no picture of the world, however sure their share is.
world_shares as (

    select
        statements.claim,
        certainty.share as found,
        certainty.share_low as low,
        certainty.share_high as high,
        least(certainty.effective_number, totals.works / cast(40 as double)) as effective_number
    from statements
    inner join {{ ref("country_certainty") }} as certainty
        on
            statements.technology = certainty.technology
            and statements.country = certainty.country
            and statements.last_year = certainty.year
    inner join {{ ref("year_totals") }} as totals
        on
            certainty.technology = totals.technology
            and certainty.year = totals.year
    where statements.measure = 'world_share'

),

-- Numbers of works are taken for Poisson numbers.
works_ratios as (

    select
        statements.claim,
        cast(last_years.works as double) / first_years.works as found,
        sqrt(cast(1 as double) / last_years.works + cast(1 as double) / first_years.works) as log_error,
        least(last_years.works, first_years.works) as effective_number
    from statements
    inner join {{ ref("year_totals") }} as last_years
        on
            statements.technology = last_years.technology
            and statements.last_year = last_years.year
    inner join {{ ref("year_totals") }} as first_years
        on
            statements.technology = first_years.technology
            and statements.first_year = first_years.year
    where statements.measure = 'works_ratio'

),

-- The weights of a group's members are taken for independent: works with several of them are few.
group_errors as (

    select
        statements.claim,
        members.group_name,
        pairs.year,
        sum(power(pairs.weight_se, 2)) as weight_variance,
        sum(pairs.effective_number) as effective_number
    from statements
    inner join {{ ref("country_groups") }} as members
        on members.group_name in (statements.partner, statements.other)
    inner join {{ ref("pair_certainty") }} as pairs
        on
            statements.technology = pairs.technology
            and statements.view = pairs.view
            and pairs.year in (statements.first_year, statements.last_year)
            and statements.country in (pairs.party_a, pairs.party_b)
            and members.country in (pairs.party_a, pairs.party_b)
    where statements.measure = 'group_shift' and members.group_set = 'stance_china'
    group by 1, 2, 3

),

-- The logarithm of one group's weight over the other's, later less earlier: four terms, two with a minus.
group_logarithms as (

    select
        statements.claim,
        ln(groups.weight)
        * (case when groups.group_name = statements.partner then 1 else -1 end)
        * (case when groups.year = statements.last_year then 1 else -1 end) as logarithm,
        errors.weight_variance / (groups.weight * groups.weight) as log_variance,
        errors.effective_number
    from statements
    inner join {{ ref("group_collaboration") }} as groups
        on
            statements.technology = groups.technology
            and statements.country = groups.country
            and groups.group_name in (statements.partner, statements.other)
            and groups.year in (statements.first_year, statements.last_year)
    inner join group_errors as errors
        on
            statements.claim = errors.claim
            and groups.group_name = errors.group_name
            and groups.year = errors.year
    where
        statements.measure = 'group_shift'
        and groups.group_set = 'stance_china'
        and groups.weight > 0

),

group_shifts as (

    select
        claim,
        sum(logarithm) as found,
        sqrt(sum(log_variance)) as error,
        min(effective_number) as effective_number
    from group_logarithms
    group by claim
    having count(*) = 4

),

-- Technologies whose last year is large enough, by how much the intensity of the pair rose.
technology_rises as (

    select
        statements.claim,
        statements.technology as subject,
        last_years.technology,
        last_years.effective_number,
        rank() over (
            partition by statements.claim
            order by round(last_years.intensity - coalesce(first_years.intensity, 0), 12) desc
        ) as place
    from statements
    inner join {{ ref("partner_ranking") }} as last_years
        on
            statements.country = last_years.country
            and statements.partner = last_years.partner
            and statements.view = last_years.view
            and statements.last_year = last_years.year
    left join {{ ref("partner_ranking") }} as first_years
        on
            last_years.country = first_years.country
            and last_years.partner = first_years.partner
            and last_years.view = first_years.view
            and last_years.technology = first_years.technology
            and statements.first_year = first_years.year
    where
        statements.measure = 'technology_rise_rank'
        and last_years.technology not in ('all', 'critical')
        and not last_years.is_small

),

leaders as (

    select
        statements.claim,
        statements.measure,
        subjects.rank,
        subjects.high_impact_share / nullif(others.high_impact_share, 0) as ratio,
        subjects.high_impact_output as effective_number
    from statements
    inner join {{ ref("technology_leaders") }} as subjects
        on
            statements.technology = subjects.technology
            and statements.view = subjects.view
            and statements.partner = subjects.country
            and statements.last_year = subjects.window_end
    left join {{ ref("technology_leaders") }} as others
        on
            statements.technology = others.technology
            and statements.view = others.view
            and statements.other = others.country
            and statements.last_year = others.window_end
    where statements.measure in ('high_impact_rank', 'high_impact_ratio')

)

select
    claim,
    found,
    low,
    high,
    effective_number
from world_shares

union all

select
    claim,
    found,
    found * exp(-1.959964 * log_error) as low,
    found * exp(1.959964 * log_error) as high,
    effective_number
from works_ratios

union all

select
    claim,
    found,
    found - 1.959964 * error as low,
    found + 1.959964 * error as high,
    effective_number
from group_shifts

union all

-- No interval is known for the places of technologies and for high-impact output.
select
    claim,
    cast(place as double) as found,
    cast(null as double) as low,
    cast(null as double) as high,
    effective_number
from technology_rises
where technology = subject

union all

select
    claim,
    case when measure = 'high_impact_rank' then cast(rank as double) else ratio end as found,
    cast(null as double) as low,
    cast(null as double) as high,
    effective_number
from leaders
