{{ config(materialized="view") }}

-- Whether the intensity of a pair in the critical technologies moved within technologies, or because their
-- mix did. With each work spread over its technologies, I = sum_t w_t I_t, where I_t is the intensity in a
-- technology and w_t = sqrt(R_At/R_A * R_Bt/R_B) how much of both outputs is in it. Then, exactly,
-- I1 - I0 = sum_t (w1_t + w0_t)/2 (I1_t - I0_t) + sum_t (I1_t + I0_t)/2 (w1_t - w0_t). Where a country had no
-- output in a technology in one of the years, I_t is taken for what it is in the other, so that all of it is
-- shift. Pairs with a weight in both years only.

with

pairs as (

    select
        pairs.year,
        pairs.country_a,
        pairs.country_b,
        pairs.intensity,
        a.output as output_a,
        b.output as output_b,
        pairs.weight / sqrt(a.international_weight * b.international_weight) as preference,
        sqrt(a.international_weight / a.output * b.international_weight / b.output) as openness
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
    where
        pairs.technology = 'critical'
        and pairs.weight > 0
        and 'ZZ' not in (pairs.country_a, pairs.country_b)

),

weights as (

    select
        comparisons.year,
        comparisons.base_year,
        mix.technology,
        mix.country_a,
        mix.country_b,
        mix.weight,
        0 as base_weight
    from {{ ref("int_year_comparisons") }} as comparisons
    inner join {{ ref("int_pair_mix") }} as mix
        on comparisons.year = mix.year

    union all

    select
        comparisons.year,
        comparisons.base_year,
        mix.technology,
        mix.country_a,
        mix.country_b,
        0 as weight,
        mix.weight as base_weight
    from {{ ref("int_year_comparisons") }} as comparisons
    inner join {{ ref("int_pair_mix") }} as mix
        on comparisons.base_year = mix.year

),

-- The technologies a pair has a weight in, in either year.
pair_technologies as (

    select
        year,
        base_year,
        technology,
        country_a,
        country_b,
        sum(weight) as weight,
        sum(base_weight) as base_weight
    from weights
    group by 1, 2, 3, 4, 5

),

compared as (

    select
        technologies.year,
        technologies.base_year,
        technologies.country_a,
        technologies.country_b,
        coalesce(sqrt(a.output / now.output_a * b.output / now.output_b), 0) as share,
        coalesce(sqrt(base_a.output / before.output_a * base_b.output / before.output_b), 0) as base_share,
        technologies.weight / sqrt(a.output * b.output) as intensity,
        technologies.base_weight / sqrt(base_a.output * base_b.output) as base_intensity
    from pair_technologies as technologies
    inner join pairs as now
        on
            technologies.year = now.year
            and technologies.country_a = now.country_a
            and technologies.country_b = now.country_b
    inner join pairs as before
        on
            technologies.base_year = before.year
            and technologies.country_a = before.country_a
            and technologies.country_b = before.country_b
    left join {{ ref("int_country_mix") }} as a
        on
            technologies.year = a.year
            and technologies.technology = a.technology
            and technologies.country_a = a.country
    left join {{ ref("int_country_mix") }} as b
        on
            technologies.year = b.year
            and technologies.technology = b.technology
            and technologies.country_b = b.country
    left join {{ ref("int_country_mix") }} as base_a
        on
            technologies.base_year = base_a.year
            and technologies.technology = base_a.technology
            and technologies.country_a = base_a.country
    left join {{ ref("int_country_mix") }} as base_b
        on
            technologies.base_year = base_b.year
            and technologies.technology = base_b.technology
            and technologies.country_b = base_b.country

),

terms as (

    select
        year,
        base_year,
        country_a,
        country_b,
        share,
        base_share,
        coalesce(intensity, base_intensity) as intensity,
        coalesce(base_intensity, intensity) as base_intensity
    from compared

),

splits as (

    select
        year,
        base_year,
        country_a,
        country_b,
        sum((share + base_share) / 2 * (intensity - base_intensity)) as within,
        sum((intensity + base_intensity) / 2 * (share - base_share)) as shift
    from terms
    group by 1, 2, 3, 4

)

select
    splits.country_a,
    splits.country_b,
    splits.year,
    splits.base_year,
    now.intensity,
    before.intensity as base_intensity,
    now.intensity - before.intensity as change,
    splits.within,
    splits.shift,
    now.preference,
    before.preference as base_preference,
    now.openness,
    before.openness as base_openness
from splits
inner join pairs as now
    on
        splits.year = now.year
        and splits.country_a = now.country_a
        and splits.country_b = now.country_b
inner join pairs as before
    on
        splits.base_year = before.year
        and splits.country_a = before.country_a
        and splits.country_b = before.country_b
