{{ config(materialized="incremental", incremental_strategy="replace_years") }}

-- What each work gives to each pair of its countries. A pair exists as soon as both are on the work, even
-- where its weight is 0 because one author holds both.

with

pairs as (

    select
        a.year,
        a.source,
        a.work_id,
        a.country as country_a,
        b.country as country_b,
        a.authors,
        a.share_total as share_total_a,
        b.share_total as share_total_b
    from {{ ref("int_work_countries") }} as a
    inner join {{ ref("int_work_countries") }} as b
        on
            a.year = b.year
            and a.source = b.source
            and a.work_id = b.work_id
            and a.country < b.country
    where a.year in (select years.year from {{ source("control", "refresh_years") }} as years)

),

-- An author never collaborates with themself, so authors who hold both countries are taken off.
shared_authors as (

    select
        a.year,
        a.source,
        a.work_id,
        a.country as country_a,
        b.country as country_b,
        sum(a.authors * a.share * b.share) as share_product_total
    from {{ ref("int_author_group_shares") }} as a
    inner join {{ ref("int_author_group_shares") }} as b
        on
            a.year = b.year
            and a.source = b.source
            and a.work_id = b.work_id
            and a.basis = b.basis
            and a.countries = b.countries
            and a.country < b.country
    where a.share < 1 and b.share < 1
    group by 1, 2, 3, 4, 5

)

select
    pairs.year,
    pairs.source,
    pairs.work_id,
    pairs.country_a,
    pairs.country_b,
    {{ pair_weight(
        "pairs.share_total_a * pairs.share_total_b - coalesce(shared.share_product_total, 0)", "pairs.authors"
    ) }} as weight,
    pairs.share_total_a * pairs.share_total_b
    / (cast(pairs.authors as double) * pairs.authors) as weight_squared
from pairs
left join shared_authors as shared
    on
        pairs.year = shared.year
        and pairs.source = shared.source
        and pairs.work_id = shared.work_id
        and pairs.country_a = shared.country_a
        and pairs.country_b = shared.country_b
