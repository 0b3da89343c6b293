{{ config(materialized="incremental", incremental_strategy="replace_cells") }}

-- Weight and intensity of each pair of countries (METHOD section 2). Pairs with `ZZ` are kept, since the
-- totals reconcile only with them; rankings leave them out.

with

pair_totals as (

    select
        pairs.year,
        technologies.technology,
        pairs.country_a,
        pairs.country_b,
        count(*) as papers,
        sum(pairs.weight) as weight,
        sum(pairs.weight_squared) as weight_squared
    from {{ ref("int_work_pairs") }} as pairs
    inner join {{ ref("int_work_technologies") }} as technologies
        on
            pairs.year = technologies.year
            and pairs.source = technologies.source
            and pairs.work_id = technologies.work_id
    where pairs.year in (select years.year from {{ source("control", "refresh_cells") }} as years)
    group by 1, 2, 3, 4

),

outputs as (

    select
        countries.year,
        technologies.technology,
        countries.country,
        sum(countries.output) as output
    from {{ ref("int_work_countries") }} as countries
    inner join {{ ref("int_work_technologies") }} as technologies
        on
            countries.year = technologies.year
            and countries.source = technologies.source
            and countries.work_id = technologies.work_id
    where countries.year in (select years.year from {{ source("control", "refresh_cells") }} as years)
    group by 1, 2, 3

),

intensities as (

    select
        pair_totals.*,
        pair_totals.weight / sqrt(output_a.output * output_b.output) as intensity
    from pair_totals
    inner join outputs as output_a
        on
            pair_totals.year = output_a.year
            and pair_totals.technology = output_a.technology
            and pair_totals.country_a = output_a.country
    inner join outputs as output_b
        on
            pair_totals.year = output_b.year
            and pair_totals.technology = output_b.technology
            and pair_totals.country_b = output_b.country

)

-- Two countries that only ever work with each other have intensity 1, which division may miss by an ulp.
select
    year,
    technology,
    country_a,
    country_b,
    papers,
    weight,
    weight_squared,
    case when intensity > 1 and intensity < 1 + 1e-9 then 1 else intensity end as intensity
from intensities
