{{ config(materialized="view") }}

-- The same works read in other ways than the main one, by pair of known countries: what each reading has for
-- the weight and for the intensity of `pair_collaboration`. Of `critical` and `all` only.

with

pairs as (

    select
        pairs.year,
        pairs.technology,
        pairs.country_a,
        pairs.country_b,
        cast(pairs.papers as double) as papers,
        pairs.weight_squared,
        cast(country_a.papers as double) as papers_a,
        cast(country_b.papers as double) as papers_b,
        country_a.papers_international as international_a,
        country_b.papers_international as international_b,
        country_a.output as output_a,
        country_b.output as output_b,
        totals.works,
        totals.works_international
    from {{ ref("pair_collaboration") }} as pairs
    inner join {{ ref("country_output") }} as country_a
        on
            pairs.year = country_a.year
            and pairs.technology = country_a.technology
            and pairs.country_a = country_a.country
    inner join {{ ref("country_output") }} as country_b
        on
            pairs.year = country_b.year
            and pairs.technology = country_b.technology
            and pairs.country_b = country_b.country
    inner join {{ ref("year_totals") }} as totals
        on
            pairs.year = totals.year
            and pairs.technology = totals.technology
    where
        pairs.technology in ('all', 'critical')
        and 'ZZ' not in (pairs.country_a, pairs.country_b)

)

{% set full_counts = {
    "full_salton": "papers / sqrt(papers_a * papers_b)",
    "full_jaccard": "papers / (papers_a + papers_b - papers)",
    "full_association": "papers * works / (papers_a * papers_b)",
    "full_index": collaboration_index("papers", "international_a", "international_b", "works_international"),
} %}
{% for reading, intensity in full_counts.items() %}
    select
        '{{ reading }}' as reading,
        year,
        technology,
        country_a,
        country_b,
        papers as weight,
        {{ intensity }} as intensity
    from pairs

    union all

{% endfor %}
select
    'n_squared' as reading,
    year,
    technology,
    country_a,
    country_b,
    weight_squared as weight,
    weight_squared / sqrt(output_a * output_b) as intensity
from pairs

union all

select
    reading,
    year,
    technology,
    country_a,
    country_b,
    weight,
    intensity
from {{ ref("int_reading_pairs") }}
