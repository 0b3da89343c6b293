{{ config(materialized="incremental", incremental_strategy="replace_years") }}

-- What each work gives to each of its countries. With N the sum of its authors' shares and n its authors:
-- output N / n, domestic weight (N^2 - sum of s^2) / (n (n - 1)).

with

country_shares as (

    select
        year,
        source,
        work_id,
        country,
        sum(authors * share) as share_total,
        sum(authors * share * share) as share_square_total
    from {{ ref("int_author_group_shares") }}
    group by year, source, work_id, country

),

work_sizes as (

    select
        year,
        source,
        work_id,
        cast(sum(authors) as {{ dbt.type_bigint() }}) as authors
    from {{ ref("int_author_groups") }}
    where year in (select years.year from {{ source("control", "refresh_years") }} as years)
    group by year, source, work_id

),

country_counts as (

    select
        year,
        source,
        work_id,
        sum(case when country = 'ZZ' then 0 else 1 end) as known_countries
    from country_shares
    group by year, source, work_id

)

select
    shares.year,
    shares.source,
    shares.work_id,
    shares.country,
    sizes.authors,
    shares.share_total,
    shares.share_total / sizes.authors as output,
    {{ pair_weight(
        "shares.share_total * shares.share_total - shares.share_square_total", "sizes.authors"
    ) }} as domestic_weight,
    counts.known_countries > 1 as is_international
from country_shares as shares
inner join work_sizes as sizes
    on
        shares.year = sizes.year
        and shares.source = sizes.source
        and shares.work_id = sizes.work_id
inner join country_counts as counts
    on
        shares.year = counts.year
        and shares.source = counts.source
        and shares.work_id = counts.work_id
