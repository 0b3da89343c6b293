{{ config(materialized="table") }}

-- The partners of the countries that statements are about, by year, under each reading. Intervals are of the
-- main reading and stand in for those of the others, whose works are the same. A table, since every statement
-- reads it several times and the ranking behind it is dear.

with

subjects as (

    select distinct
        technology,
        view,
        country
    from {{ ref("claim_statements") }}
    where partner is not null

),

main_partners as (

    select
        ranking.year,
        ranking.technology,
        ranking.view,
        ranking.country,
        ranking.partner,
        ranking.weight,
        ranking.intensity,
        ranking.share_of_international as share,
        ranking.share_low,
        ranking.share_high,
        ranking.effective_number,
        {{ log_variance("ranking.weight_low", "ranking.weight_high") }} as weight_log_variance,
        {{ log_variance("ranking.intensity_low", "ranking.intensity_high") }} as intensity_log_variance
    from {{ ref("partner_ranking") }} as ranking
    inner join subjects
        on
            ranking.technology = subjects.technology
            and ranking.view = subjects.view
            and ranking.country = subjects.country

),

directed_readings as (

    select
        reading,
        year,
        technology,
        country_a as country,
        country_b as partner,
        weight,
        intensity
    from {{ ref("reading_pairs") }}

    union all

    select
        reading,
        year,
        technology,
        country_b as country,
        country_a as partner,
        weight,
        intensity
    from {{ ref("reading_pairs") }}

)

select
    'main' as reading,
    year,
    technology,
    view,
    country,
    partner,
    weight,
    intensity,
    share,
    share_low,
    share_high,
    effective_number,
    weight_log_variance,
    intensity_log_variance
from main_partners

union all

-- A reading's own share, with an interval as wide as the main one's.
select
    readings.reading,
    readings.year,
    readings.technology,
    main.view,
    readings.country,
    readings.partner,
    readings.weight,
    readings.intensity,
    readings.weight / nullif(readings.total_weight, 0) as share,
    readings.weight / nullif(readings.total_weight, 0) * main.share_low / nullif(main.share, 0) as share_low,
    least(
        readings.weight / nullif(readings.total_weight, 0) * main.share_high / nullif(main.share, 0), 1
    ) as share_high,
    main.effective_number,
    main.weight_log_variance,
    main.intensity_log_variance
from (
    select
        directed_readings.*,
        sum(weight) over (partition by reading, year, technology, country) as total_weight
    from directed_readings
) as readings
inner join main_partners as main
    on
        readings.year = main.year
        and readings.technology = main.technology
        and readings.country = main.country
        and readings.partner = main.partner
where main.view = 'countries'
