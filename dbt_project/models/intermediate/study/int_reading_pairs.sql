{{ config(materialized="incremental", incremental_strategy="replace_cells") }}

-- Weight and intensity of each pair where a work counts in another way than METHOD section 2 says: works of
-- more than 100 authors left out (`small_teams`), authors of no known country left out of n
-- (`known_authors`), an author split over affiliations, not countries (`by_affiliation`). Of `critical` and
-- `all` only. `title_only` counts as the main reading does, over other works: those that a title by itself or
-- a drop's statement brings to a technology, which is another `critical`.

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

country_values as (

    select
        'small_teams' as reading,
        source,
        work_id,
        country,
        output
    from main_countries
    where authors <= 100

    union all

    select
        'known_authors' as reading,
        source,
        work_id,
        country,
        output * authors / known_authors as output
    from main_countries

    union all

    select
        'by_affiliation' as reading,
        main_countries.source,
        main_countries.work_id,
        main_countries.country,
        main_countries.output
    from main_countries
    left join affiliation_works
        on
            main_countries.source = affiliation_works.source
            and main_countries.work_id = affiliation_works.work_id
    where affiliation_works.work_id is null

    union all

    select
        'by_affiliation' as reading,
        source,
        work_id,
        country,
        share_total / authors as output
    from affiliation_countries

),

-- With fewer authors only n (n - 1) changes; where one known author is left, the weight is 0 already.
pair_values as (

    select
        'small_teams' as reading,
        source,
        work_id,
        country_a,
        country_b,
        weight
    from main_pairs
    where authors <= 100

    union all

    select
        'known_authors' as reading,
        source,
        work_id,
        country_a,
        country_b,
        case
            when known_authors < 2 then 0
            else weight * authors * (authors - 1) / (known_authors * (known_authors - 1))
        end as weight
    from main_pairs

    union all

    select
        'by_affiliation' as reading,
        main_pairs.source,
        main_pairs.work_id,
        main_pairs.country_a,
        main_pairs.country_b,
        main_pairs.weight
    from main_pairs
    left join affiliation_works
        on
            main_pairs.source = affiliation_works.source
            and main_pairs.work_id = affiliation_works.work_id
    where affiliation_works.work_id is null

    union all

    select
        'by_affiliation' as reading,
        a.source,
        a.work_id,
        a.country as country_a,
        b.country as country_b,
        {{ pair_weight(
            "a.share_total * b.share_total - coalesce(products.share_product_total, 0)", "a.authors"
        ) }} as weight
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

title_works as (

    select distinct
        year,
        'critical' as technology,
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

outputs as (

    select
        country_values.reading,
        works.year,
        works.technology,
        country_values.country,
        sum(country_values.output) as output
    from works
    inner join country_values
        on
            works.source = country_values.source
            and works.work_id = country_values.work_id
    group by 1, 2, 3, 4

    union all

    select
        'title_only' as reading,
        title_works.year,
        title_works.technology,
        main_countries.country,
        sum(main_countries.output) as output
    from title_works
    inner join main_countries
        on
            title_works.source = main_countries.source
            and title_works.work_id = main_countries.work_id
    group by 1, 2, 3, 4

),

weights as (

    select
        pair_values.reading,
        works.year,
        works.technology,
        pair_values.country_a,
        pair_values.country_b,
        sum(pair_values.weight) as weight
    from works
    inner join pair_values
        on
            works.source = pair_values.source
            and works.work_id = pair_values.work_id
    group by 1, 2, 3, 4, 5

    union all

    select
        'title_only' as reading,
        title_works.year,
        title_works.technology,
        main_pairs.country_a,
        main_pairs.country_b,
        sum(main_pairs.weight) as weight
    from title_works
    inner join main_pairs
        on
            title_works.source = main_pairs.source
            and title_works.work_id = main_pairs.work_id
    group by 1, 2, 3, 4, 5

)

select
    weights.year,
    weights.technology,
    weights.reading,
    weights.country_a,
    weights.country_b,
    weights.weight,
    weights.weight / sqrt(output_a.output * output_b.output) as intensity
from weights
inner join outputs as output_a
    on
        weights.reading = output_a.reading
        and weights.year = output_a.year
        and weights.technology = output_a.technology
        and weights.country_a = output_a.country
inner join outputs as output_b
    on
        weights.reading = output_b.reading
        and weights.year = output_b.year
        and weights.technology = output_b.technology
        and weights.country_b = output_b.country
