{{ config(materialized="view") }}

-- How sure the output of each country and its share of the known world are. Papers are taken for Poisson
-- numbers, so that a sum over papers has the sum of squares as its variance.

with

countries as (

    select
        year,
        technology,
        party as country,
        output,
        output_square,
        output_unknown_product
    from {{ ref("int_party_sums") }}
    where party != 'EU27'

),

-- A work's known output is 1 less its unknown output z, so that its square adds up from those of z.
worlds as (

    select
        totals.year,
        totals.technology,
        totals.works - coalesce(unknowns.output, 0) as known_output,
        totals.works
        - 2 * coalesce(unknowns.output, 0)
        + coalesce(unknowns.output_square, 0) as known_output_square
    from {{ ref("year_totals") }} as totals
    left join countries as unknowns
        on
            totals.year = unknowns.year
            and totals.technology = unknowns.technology
            and unknowns.country = 'ZZ'

),

variances as (

    select
        countries.year,
        countries.technology,
        countries.country,
        countries.output,
        countries.output_square,
        countries.output_square / (countries.output * countries.output) as log_variance,
        case when countries.country != 'ZZ' then worlds.known_output end as known_output,
        {{ share_logit_variance(
            "countries.output",
            "worlds.known_output",
            "countries.output_square",
            "worlds.known_output_square",
            "(countries.output - countries.output_unknown_product)",
        ) }} as share_logit_variance
    from countries
    inner join worlds
        on
            countries.year = worlds.year
            and countries.technology = worlds.technology

)

select
    year,
    technology,
    country,
    output,
    sqrt(output_square) as output_se,
    {{ log_interval_low("output", "log_variance") }} as output_low,
    {{ log_interval_high("output", "log_variance") }} as output_high,
    output / known_output as share,
    {{ share_interval_low("output", "known_output", "share_logit_variance") }} as share_low,
    {{ share_interval_high("output", "known_output", "share_logit_variance") }} as share_high,
    1 / log_variance as effective_number,
    1 / log_variance < {{ small_number() }} as is_small
from variances
