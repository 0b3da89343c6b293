{{ config(materialized="table") }}

-- Weight and intensity of each pair where a work counts in another way than METHOD section 2 says: works of
-- more than 100 authors left out (`small_teams`), authors of no known country left out of n
-- (`known_authors`), an author split over affiliations, not countries (`by_affiliation`). Of `critical` and
-- `all` only, and of this run alone. `title_only` counts as the main reading does, over other works: those
-- that a title by itself or a drop's statement brings to a technology, which is another `critical`.

{%- set cell_years %}
    select cells.year from {{ source("control", "refresh_cells") }} as cells
{%- endset %}

with

unknown_authors as (

    select
        source,
        work_id,
        share_total as authors
    from {{ ref("int_work_countries") }}
    where country = 'ZZ' and year in ({{ cell_years }})

),

main_countries as (

    select
        countries.source,
        countries.work_id,
        countries.country,
        countries.output,
        cast(countries.authors as double) as authors,
        countries.authors - coalesce(unknowns.authors, 0) as known_authors
    from {{ ref("int_work_countries") }} as countries
    left join unknown_authors as unknowns
        on
            countries.source = unknowns.source
            and countries.work_id = unknowns.work_id
    where countries.country != 'ZZ' and countries.year in ({{ cell_years }})

),

main_pairs as (

    select
        pairs.source,
        pairs.work_id,
        pairs.country_a,
        pairs.country_b,
        pairs.weight,
        countries.authors,
        countries.known_authors
    from {{ ref("int_work_pairs") }} as pairs
    inner join main_countries as countries
        on
            pairs.source = countries.source
            and pairs.work_id = countries.work_id
            and pairs.country_a = countries.country
    where pairs.country_b != 'ZZ' and pairs.year in ({{ cell_years }})

),

affiliation_works as (

    select distinct
        source,
        work_id
    from {{ ref("int_affiliation_shares") }}

),

affiliation_countries as (

    select
        source,
        work_id,
        country,
        authors,
        sum(share) as share_total
    from {{ ref("int_affiliation_shares") }}
    where country != 'ZZ'
    group by 1, 2, 3, 4

),

-- An author never collaborates with themself, so authors who hold both countries are taken off.
affiliation_products as (

    select
        a.source,
        a.work_id,
        a.country as country_a,
        b.country as country_b,
        sum(a.share * b.share) as share_product_total
    from {{ ref("int_affiliation_shares") }} as a
    inner join {{ ref("int_affiliation_shares") }} as b
        on
            a.source = b.source
            and a.work_id = b.work_id
            and a.author_number = b.author_number
            and a.country < b.country
    group by 1, 2, 3, 4

),

-- With fewer authors only n (n - 1) changes; where one known author is left, the weight is 0 already.
country_values as (

    select
        main_countries.source,
        main_countries.work_id,
        main_countries.country,
        case when main_countries.authors <= 100 then main_countries.output end as small_teams,
        main_countries.output * main_countries.authors / main_countries.known_authors as known_authors,
        case when affiliation_works.work_id is null then main_countries.output end as by_affiliation
    from main_countries
    left join affiliation_works
        on
            main_countries.source = affiliation_works.source
            and main_countries.work_id = affiliation_works.work_id

    union all

    select
        source,
        work_id,
        country,
        null as small_teams,
        null as known_authors,
        share_total / authors as by_affiliation
    from affiliation_countries

),

pair_values as (

    select
        main_pairs.source,
        main_pairs.work_id,
        main_pairs.country_a,
        main_pairs.country_b,
        case when main_pairs.authors <= 100 then main_pairs.weight end as small_teams,
        case
            when main_pairs.known_authors < 2 then 0
            else
                main_pairs.weight * main_pairs.authors * (main_pairs.authors - 1)
                / (main_pairs.known_authors * (main_pairs.known_authors - 1))
        end as known_authors,
        case when affiliation_works.work_id is null then main_pairs.weight end as by_affiliation
    from main_pairs
    left join affiliation_works
        on
            main_pairs.source = affiliation_works.source
            and main_pairs.work_id = affiliation_works.work_id

    union all

    select
        a.source,
        a.work_id,
        a.country as country_a,
        b.country as country_b,
        null as small_teams,
        null as known_authors,
        {{ pair_weight(
            "a.share_total * b.share_total - coalesce(products.share_product_total, 0)", "a.authors"
        ) }} as by_affiliation
    from affiliation_countries as a
    inner join affiliation_countries as b
        on
            a.source = b.source
            and a.work_id = b.work_id
            and a.country < b.country
    left join affiliation_products as products
        on
            a.source = products.source
            and a.work_id = products.work_id
            and a.country = products.country_a
            and b.country = products.country_b

),

works as (

    select
        year,
        technology,
        source,
        work_id
    from {{ ref("int_work_technologies") }}
    where technology in ('all', 'critical')

),

-- Each null where the reading has no work of the country, or of the pair.
outputs as (

    select
        works.year,
        works.technology,
        country_values.country,
        sum(country_values.small_teams) as small_teams,
        sum(country_values.known_authors) as known_authors,
        sum(country_values.by_affiliation) as by_affiliation
    from works
    inner join country_values
        on
            works.source = country_values.source
            and works.work_id = country_values.work_id
    group by 1, 2, 3

),

weights as (

    select
        works.year,
        works.technology,
        pair_values.country_a,
        pair_values.country_b,
        sum(pair_values.small_teams) as small_teams,
        sum(pair_values.known_authors) as known_authors,
        sum(pair_values.by_affiliation) as by_affiliation
    from works
    inner join pair_values
        on
            works.source = pair_values.source
            and works.work_id = pair_values.work_id
    group by 1, 2, 3, 4

),

title_works as (

    select distinct
        year,
        source,
        work_id
    from {{ ref("technology_ways") }}
    where
        (by_title or by_statement)
        and year in (
            select cells.year
            from {{ source("control", "refresh_cells") }} as cells
            where cells.technology = 'critical'
        )

),

title_outputs as (

    select
        title_works.year,
        main_countries.country,
        sum(main_countries.output) as output
    from title_works
    inner join main_countries
        on
            title_works.source = main_countries.source
            and title_works.work_id = main_countries.work_id
    group by 1, 2

),

title_weights as (

    select
        title_works.year,
        main_pairs.country_a,
        main_pairs.country_b,
        sum(main_pairs.weight) as weight
    from title_works
    inner join main_pairs
        on
            title_works.source = main_pairs.source
            and title_works.work_id = main_pairs.work_id
    group by 1, 2, 3

)

{% for reading in ["small_teams", "known_authors", "by_affiliation"] %}
    select
        weights.year,
        weights.technology,
        '{{ reading }}' as reading,
        weights.country_a,
        weights.country_b,
        weights.{{ reading }} as weight,
        weights.{{ reading }} / sqrt(output_a.{{ reading }} * output_b.{{ reading }}) as intensity
    from weights
    inner join outputs as output_a
        on
            weights.year = output_a.year
            and weights.technology = output_a.technology
            and weights.country_a = output_a.country
    inner join outputs as output_b
        on
            weights.year = output_b.year
            and weights.technology = output_b.technology
            and weights.country_b = output_b.country
    where weights.{{ reading }} is not null

    union all

{% endfor %}
select
    title_weights.year,
    'critical' as technology,
    'title_only' as reading,
    title_weights.country_a,
    title_weights.country_b,
    title_weights.weight,
    title_weights.weight / sqrt(output_a.output * output_b.output) as intensity
from title_weights
inner join title_outputs as output_a
    on
        title_weights.year = output_a.year
        and title_weights.country_a = output_a.country
inner join title_outputs as output_b
    on
        title_weights.year = output_b.year
        and title_weights.country_b = output_b.country
