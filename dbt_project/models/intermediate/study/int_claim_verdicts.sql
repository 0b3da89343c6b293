{{ config(materialized="table") }}

-- What each reading says of each statement. A statement is reproduced where the value found is within the
-- tolerance of its row and the interval within its reach, not reproduced where both are off the tolerance. It
-- cannot be told where years are missing, nothing is found, the finding rests on small numbers, or the
-- interval leaves it open.

{%- set two_years = "('intensity_ratio', 'works_ratio', 'group_shift', 'technology_rise_rank')" %}

with

findings as (

    select
        reading,
        claim,
        found,
        low,
        high,
        effective_number
    from {{ ref("int_claim_pair_findings") }}

    union all

    select
        'main' as reading,
        claim,
        found,
        low,
        high,
        effective_number
    from {{ ref("int_claim_other_findings") }}

),

readings as (

    select 'main' as reading

    union all

    select distinct reading
    from {{ ref("reading_pairs") }}

),

-- Where one year is compared with another only those two are needed, else all between them.
needed_years as (

    select
        statements.claim,
        count(*) as counted,
        max(
            case
                when statements.measure in {{ two_years }} then 2
                else statements.last_year - statements.first_year + 1
            end
        ) as needed
    from {{ ref("claim_statements") }} as statements
    inner join {{ ref("year_totals") }} as totals
        on
            statements.technology = totals.technology
            and totals.year between statements.first_year and statements.last_year
    where
        statements.measure not in {{ two_years }}
        or totals.year in (statements.first_year, statements.last_year)
    group by statements.claim

),

judged as (

    select
        readings.reading,
        statements.claim,
        findings.found,
        findings.low,
        findings.high,
        findings.effective_number,
        coalesce(years.counted = years.needed, false) as has_years,
        case statements.comparison
            when 'at_least' then findings.found >= statements.expected - statements.tolerance - 1e-9
            when 'at_most' then findings.found <= statements.expected + statements.tolerance + 1e-9
            else abs(findings.found - statements.expected) <= statements.tolerance + 1e-9
        end as is_accepted,
        (
            statements.comparison = 'at_least'
            or coalesce(findings.high, findings.found) <= statements.expected + statements.reach + 1e-9
        )
        and (
            statements.comparison = 'at_most'
            or coalesce(findings.low, findings.found) >= statements.expected - statements.reach - 1e-9
        ) as is_sure,
        (
            statements.comparison = 'at_most'
            or coalesce(findings.high, findings.found) >= statements.expected - statements.tolerance - 1e-9
        )
        and (
            statements.comparison = 'at_least'
            or coalesce(findings.low, findings.found) <= statements.expected + statements.tolerance + 1e-9
        ) as is_possible
    from {{ ref("claim_statements") }} as statements
    cross join readings
    left join findings
        on
            readings.reading = findings.reading
            and statements.claim = findings.claim
    left join needed_years as years
        on statements.claim = years.claim

)

select
    reading,
    claim,
    found,
    low,
    high,
    case
        when not has_years or found is null or effective_number < {{ small_number() }} then 'cannot be told'
        when is_accepted and is_sure then 'reproduced'
        when is_possible then 'cannot be told'
        else 'not reproduced'
    end as verdict,
    case
        when not has_years then 'years are missing'
        when found is null then 'nothing to measure it by'
        when effective_number < {{ small_number() }} then 'small numbers'
        when is_accepted and not is_sure then 'the interval is too wide'
        when not is_accepted and is_possible then 'the interval reaches what the statement says'
    end as reason
from judged
