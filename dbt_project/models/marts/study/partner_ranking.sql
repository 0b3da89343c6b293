{{ config(materialized="incremental", incremental_strategy="replace_compared_cells") }}

-- Each country's partners, ranked, and compared with the year before and with a base. `ZZ` is no partner. In
-- the view `eu27` the EU stands in its members' place, as country and as partner. In a year that was counted
-- and has no row of a pair, its weight and intensity are 0.

{%- set bases = base_years() %}

with

pairs as (

    select *
    from {{ ref("int_pair_certainty") }}
    where 'ZZ' not in (party_a, party_b)

),

counted_years as (

    select year
    from {{ ref("year_totals") }}
    where technology = 'all'

),

-- A base stands only where all of its years were counted.
counted_bases as (

    select
        count(case when year = 2005 then year end) = 1 as has_2005_2005,
        count(case when year between 2005 and 2007 then year end) = 3 as has_2005_2007,
        count(case when year between 2008 and 2010 then year end) = 3 as has_2008_2010
    from counted_years

),

pair_bases as (

    select
        technology,
        view,
        party_a,
        party_b,
        {%- for first, last in bases %}
            {%- for measure in ["weight", "intensity"] %}
                sum(case when year between {{ first }} and {{ last }} then {{ measure }} else 0 end)
                / {{ last - first + 1 }} as {{ measure }}_{{ first }}_{{ last }},
            {%- endfor %}
        {%- endfor %}
        sum(case when year = 2005 then 1 / nullif(effective_number, 0) end) as log_weight_variance_2005,
        sum(case when year = 2005 then intensity_se * intensity_se end) as log_intensity_variance_2005
    from pairs
    where year between 2005 and 2010
    group by 1, 2, 3, 4

),

-- The years are independent, and 2005 held against itself is 100 for certain.
compared_pairs as (

    select
        pairs.*,
        case
            when earlier_years.year is not null then coalesce(earlier.weight, 0)
        end as weight_last_year,
        case
            when earlier_years.year is not null then coalesce(earlier.intensity, 0)
        end as intensity_last_year,
        {%- for first, last in bases %}
            {%- for measure in ["weight", "intensity"] %}
                case
                    when counted_bases.has_{{ first }}_{{ last }}
                        then coalesce(pair_bases.{{ measure }}_{{ first }}_{{ last }}, 0)
                end as {{ measure }}_{{ first }}_{{ last }},
            {%- endfor %}
        {%- endfor %}
        case
            when pairs.year = 2005 then 0
            else 1 / nullif(pairs.effective_number, 0) + pair_bases.log_weight_variance_2005
        end as log_index_weight_variance,
        case
            when pairs.year = 2005 then 0
            else pairs.intensity_se * pairs.intensity_se + pair_bases.log_intensity_variance_2005
        end as log_index_intensity_variance
    from pairs
    cross join counted_bases
    left join counted_years as earlier_years
        on pairs.year = earlier_years.year + 1
    left join pairs as earlier
        on
            pairs.year = earlier.year + 1
            and pairs.technology = earlier.technology
            and pairs.view = earlier.view
            and pairs.party_a = earlier.party_a
            and pairs.party_b = earlier.party_b
    left join pair_bases
        on
            pairs.technology = pair_bases.technology
            and pairs.view = pair_bases.view
            and pairs.party_a = pair_bases.party_a
            and pairs.party_b = pair_bases.party_b
    where {{ is_compared_anew("pairs.year", "pairs.technology") }}

),

directed_pairs as (

    select
        compared_pairs.*,
        party_a as country,
        party_b as partner,
        weight_known_weight_a as weight_known_weight
    from compared_pairs

    union all

    select
        compared_pairs.*,
        party_b as country,
        party_a as partner,
        weight_known_weight_b as weight_known_weight
    from compared_pairs

),

partners as (

    select
        pairs.*,
        countries.known_weight,
        countries.unknown_weight,
        100 * pairs.weight / nullif(pairs.weight_2005_2005, 0) as index_weight,
        100 * pairs.intensity / nullif(pairs.intensity_2005_2005, 0) as index_intensity,
        {{ rank_value("pairs.weight") }} as weight_rank_value,
        {{ rank_value("pairs.intensity") }} as intensity_rank_value,
        {{ share_logit_variance(
            "pairs.weight",
            "countries.known_weight",
            "pairs.weight_square",
            "countries.known_weight_square",
            "pairs.weight_known_weight",
        ) }} as share_logit_variance
    from directed_pairs as pairs
    inner join {{ ref("int_party_sums") }} as countries
        on
            pairs.year = countries.year
            and pairs.technology = countries.technology
            and pairs.country = countries.party

),

stable_ranks as (

    select
        year,
        technology,
        view,
        country,
        partner,
        rank() over (
            partition by year, technology, view, country
            order by weight_rank_value desc
        ) as rank_weight,
        rank() over (
            partition by year, technology, view, country
            order by intensity_rank_value desc
        ) as rank_intensity
    from partners
    where not is_small

)

select
    partners.year,
    partners.technology,
    partners.view,
    partners.country,
    partners.partner,
    partners.papers,
    partners.weight,
    partners.weight_low,
    partners.weight_high,
    partners.intensity,
    partners.intensity_low,
    partners.intensity_high,
    partners.effective_number,
    partners.is_small,
    rank() over (
        partition by partners.year, partners.technology, partners.view, partners.country
        order by partners.weight_rank_value desc nulls last
    ) as rank_weight,
    rank() over (
        partition by partners.year, partners.technology, partners.view, partners.country
        order by partners.intensity_rank_value desc nulls last
    ) as rank_intensity,
    stable_ranks.rank_weight as rank_weight_stable,
    stable_ranks.rank_intensity as rank_intensity_stable,
    partners.weight / nullif(partners.known_weight, 0) as share_of_international,
    {{ share_interval_low(
        "partners.weight", "partners.known_weight", "partners.share_logit_variance"
    ) }} as share_low,
    {{ share_interval_high(
        "partners.weight", "partners.known_weight", "partners.share_logit_variance"
    ) }} as share_high,
    partners.weight / nullif(partners.known_weight + partners.unknown_weight, 0) as share_including_unknown,
    partners.index_weight,
    {{ log_interval_low("partners.index_weight", "partners.log_index_weight_variance") }} as index_weight_low,
    {{ log_interval_high(
        "partners.index_weight", "partners.log_index_weight_variance"
    ) }} as index_weight_high,
    partners.index_intensity,
    {{ log_interval_low(
        "partners.index_intensity", "partners.log_index_intensity_variance"
    ) }} as index_intensity_low,
    {{ log_interval_high(
        "partners.index_intensity", "partners.log_index_intensity_variance"
    ) }} as index_intensity_high,
    100 * partners.weight / nullif(partners.weight_2005_2007, 0) as index_weight_2005_2007,
    100 * partners.intensity / nullif(partners.intensity_2005_2007, 0) as index_intensity_2005_2007,
    100 * partners.weight / nullif(partners.weight_2008_2010, 0) as index_weight_2008_2010,
    100 * partners.intensity / nullif(partners.intensity_2008_2010, 0) as index_intensity_2008_2010,
    partners.weight - partners.weight_last_year as weight_change_last_year,
    partners.intensity - partners.intensity_last_year as intensity_change_last_year,
    partners.weight - partners.weight_2005_2005 as weight_change_base,
    partners.intensity - partners.intensity_2005_2005 as intensity_change_base
from partners
left join stable_ranks
    on
        partners.year = stable_ranks.year
        and partners.technology = stable_ranks.technology
        and partners.view = stable_ranks.view
        and partners.country = stable_ranks.country
        and partners.partner = stable_ranks.partner
