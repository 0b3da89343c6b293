{{ config(materialized="view") }}

-- What each reading finds for the statements about a country's partners: one row a reading and statement that
-- anything can be found for. `effective_number` is what the finding rests on, in papers. A partner without a
-- positive value has no logarithm, so it is compared as 0 where that says something and left out elsewhere.

{%- set on_weight = "('peak_year', 'years_first')" %}

with

series as (

    select
        series.reading,
        statements.claim,
        statements.measure,
        statements.partner as subject,
        statements.other,
        statements.first_year,
        statements.last_year,
        series.year,
        series.partner,
        series.share,
        series.share_low,
        series.share_high,
        series.effective_number,
        case when statements.measure in {{ on_weight }} then series.weight else series.intensity end as value,
        coalesce(
            case
                when statements.measure in {{ on_weight }} then series.weight_log_variance
                else series.intensity_log_variance
            end,
            0
        ) as log_variance
    from {{ ref("claim_statements") }} as statements
    inner join {{ ref("int_claim_series") }} as series
        on
            statements.technology = series.technology
            and statements.view = series.view
            and statements.country = series.country
            and series.year between statements.first_year and statements.last_year
    where
        statements.measure in (
            'peak_year',
            'years_first',
            'share',
            'intensity_ratio',
            'passing_year',
            'rank_intensity',
            'yearly_change'
        )

),

subjects as (

    select *
    from series
    where partner = subject and value > 0

),

others as (

    select *
    from series
    where partner = other and value > 0

),

-- A year may be the peak unless its value is below the highest for certain.
highest as (

    select *
    from (
        select
            subjects.*,
            row_number() over (
                partition by reading, claim
                order by value desc, year asc
            ) as place
        from subjects
        where measure = 'peak_year'
    ) as peak_years
    where place = 1

),

peaks as (

    select
        subjects.reading,
        subjects.claim,
        max(highest.year) as found,
        min(subjects.year) as low,
        max(subjects.year) as high,
        max(highest.effective_number) as effective_number
    from subjects
    inner join highest
        on
            subjects.reading = highest.reading
            and subjects.claim = highest.claim
    where
        not {{ surely_less(
            "subjects.value", "subjects.log_variance", "highest.value", "highest.log_variance"
        ) }}
    group by 1, 2

),

-- A place among the partners of a year rests on the papers with all of them; yet a partner with fewer than
-- four papers of its own, which cannot be told from none, is taken to be small, too: 6.25 times four is 25.
yearly_ranks as (

    select
        subjects.reading,
        subjects.claim,
        subjects.measure,
        subjects.year,
        sum(
            case when round(ln(rivals.value), 9) > round(ln(subjects.value), 9) then 1 else 0 end
        ) + 1 as place,
        sum(
            case
                when {{ surely_less(
                    "subjects.value", "subjects.log_variance", "rivals.value", "rivals.log_variance"
                ) }} then 1
                else 0
            end
        ) + 1 as lowest,
        sum(
            case
                when {{ surely_less(
                    "rivals.value", "rivals.log_variance", "subjects.value", "subjects.log_variance"
                ) }} then 0
                else 1
            end
        ) as highest,
        least(sum(rivals.effective_number), 6.25 * max(subjects.effective_number)) as effective_number
    from subjects
    inner join series as rivals
        on
            subjects.reading = rivals.reading
            and subjects.claim = rivals.claim
            and subjects.year = rivals.year
    where subjects.measure in ('years_first', 'rank_intensity') and rivals.value > 0
    group by 1, 2, 3, 4

),

years_first as (

    select
        reading,
        claim,
        sum(case when place = 1 then 1 else 0 end) as found,
        sum(case when highest = 1 then 1 else 0 end) as low,
        sum(case when lowest = 1 then 1 else 0 end) as high,
        min(effective_number) as effective_number
    from yearly_ranks
    where measure = 'years_first'
    group by 1, 2

),

ratios as (

    select
        last_years.reading,
        last_years.claim,
        last_years.value / first_years.value as found,
        sqrt(last_years.log_variance + first_years.log_variance) as log_error,
        least(last_years.effective_number, first_years.effective_number) as effective_number
    from subjects as last_years
    inner join subjects as first_years
        on
            last_years.reading = first_years.reading
            and last_years.claim = first_years.claim
            and last_years.year = last_years.last_year
            and first_years.year = first_years.first_year
    where last_years.measure = 'intensity_ratio'

),

-- The partner passes another in the year after the last in which it was not ahead; the year after the last of
-- all stands for not yet.
duels as (

    select
        years.reading,
        years.claim,
        years.first_year,
        years.year,
        coalesce(subjects.value, 0) > coalesce(others.value, 0) as is_ahead,
        coalesce(
            {{ surely_less(
                "subjects.value", "subjects.log_variance", "others.value", "others.log_variance"
            ) }},
            false
        ) as is_surely_behind,
        coalesce(
            {{ surely_less(
                "others.value", "others.log_variance", "subjects.value", "subjects.log_variance"
            ) }},
            false
        ) as is_surely_ahead,
        case
            when years.year = years.last_year
                then least(coalesce(subjects.effective_number, 0), coalesce(others.effective_number, 0))
        end as effective_number
    from (
        select distinct
            reading,
            claim,
            first_year,
            last_year,
            year
        from series
        where measure = 'passing_year'
    ) as years
    left join subjects
        on
            years.reading = subjects.reading
            and years.claim = subjects.claim
            and years.year = subjects.year
    left join others
        on
            years.reading = others.reading
            and years.claim = others.claim
            and years.year = others.year

),

passing_years as (

    select
        reading,
        claim,
        max(case when is_ahead then first_year - 1 else year end) + 1 as found,
        max(case when is_surely_behind then year else first_year - 1 end) + 1 as low,
        max(case when is_surely_ahead then first_year - 1 else year end) + 1 as high,
        coalesce(max(effective_number), 0) as effective_number
    from duels
    group by 1, 2

),

-- The least-squares line through the logarithms of the years, and the error their intervals give it. One year
-- has no slope, which DuckDB gives as NaN.
lines as (

    select
        reading,
        claim,
        case when count(*) > 1 then regr_slope(ln(value), year) end as found,
        sqrt(sum(power(year - mean_year, 2) * log_variance))
        / nullif(sum(power(year - mean_year, 2)), 0) as error,
        sum(effective_number) / (max(last_year) - max(first_year) + 1) as effective_number
    from (
        select
            subjects.*,
            avg(year) over (partition by reading, claim) as mean_year
        from subjects
        where measure = 'yearly_change'
    ) as centred
    group by 1, 2

)

{% for relation, found, low, high in [
    ("peaks", "found", "low", "high"),
    ("years_first", "found", "low", "high"),
    ("ratios", "found", "found * exp(-1.959964 * log_error)", "found * exp(1.959964 * log_error)"),
    ("passing_years", "found", "low", "high"),
    ("lines", "found", "found - 1.959964 * error", "found + 1.959964 * error"),
] %}
    select
        reading,
        claim,
        cast({{ found }} as double) as found,
        cast({{ low }} as double) as low,
        cast({{ high }} as double) as high,
        effective_number
    from {{ relation }}

    union all

{% endfor %}
select
    reading,
    claim,
    cast(place as double) as found,
    cast(lowest as double) as low,
    cast(highest as double) as high,
    effective_number
from yearly_ranks
where measure = 'rank_intensity'

union all

select
    reading,
    claim,
    share as found,
    share_low as low,
    share_high as high,
    effective_number
from series
where partner = subject and measure = 'share'
