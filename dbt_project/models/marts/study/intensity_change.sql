{{ config(materialized="view") }}

-- Why the intensity of a pair moved. I = C / sqrt(R_A R_B), so its logarithm changes by exactly what the
-- weight's does, less half of what each output's does. It is also sqrt(C/X_A * C/X_B * X_A/R_A * X_B/R_B), so
-- the same change is that of either country's preference for the other plus that of either's openness. Pairs
-- with a weight in both years only, since there is no logarithm of 0.

with

pairs as (

    select
        pairs.year,
        pairs.technology,
        pairs.country_a,
        pairs.country_b,
        ln(pairs.intensity) as intensity,
        ln(pairs.weight) as weight,
        ln(a.output) as output_a,
        ln(b.output) as output_b,
        ln(a.international_weight) as international_a,
        ln(b.international_weight) as international_b
    from {{ ref("pair_collaboration") }} as pairs
    inner join {{ ref("country_output") }} as a
        on
            pairs.year = a.year
            and pairs.technology = a.technology
            and pairs.country_a = a.country
    inner join {{ ref("country_output") }} as b
        on
            pairs.year = b.year
            and pairs.technology = b.technology
            and pairs.country_b = b.country
    where pairs.weight > 0 and 'ZZ' not in (pairs.country_a, pairs.country_b)

),

changes as (

    select
        now.year,
        now.technology,
        now.country_a,
        now.country_b,
        before.year as base_year,
        now.intensity - before.intensity as intensity,
        now.weight - before.weight as weight,
        now.output_a - before.output_a as output_a,
        now.output_b - before.output_b as output_b,
        now.international_a - before.international_a as international_a,
        now.international_b - before.international_b as international_b
    from pairs as now
    inner join {{ ref("int_year_comparisons") }} as comparisons
        on now.year = comparisons.year
    inner join pairs as before
        on
            comparisons.base_year = before.year
            and now.technology = before.technology
            and now.country_a = before.country_a
            and now.country_b = before.country_b

)

select
    technology,
    country_a,
    country_b,
    year,
    base_year,
    intensity as log_change,
    weight as from_weight,
    -output_a / 2 as from_output_a,
    -output_b / 2 as from_output_b,
    (weight - international_a) / 2 as from_preference_a,
    (weight - international_b) / 2 as from_preference_b,
    (international_a - output_a) / 2 as from_openness_a,
    (international_b - output_b) / 2 as from_openness_b
from changes
