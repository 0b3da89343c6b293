{{ config(materialized="incremental", incremental_strategy="replace_cells") }}

-- The papers that give most to the weight of each pair of known countries, at most five. Those that give the
-- same come by their citations: two authors, one of each country, give a half in thousands of papers.

with

contributions as (

    select
        pairs.year,
        technologies.technology,
        pairs.country_a,
        pairs.country_b,
        pairs.source,
        pairs.work_id,
        pairs.weight,
        -- Equal contributions differ in their last bits when they are sums of thirds.
        row_number() over (
            partition by pairs.year, technologies.technology, pairs.country_a, pairs.country_b
            order by
                round(pairs.weight, 12) desc,
                coalesce(citations.cited_by_count, -1) desc,
                pairs.source,
                pairs.work_id
        ) as rank
    from {{ ref("int_work_pairs") }} as pairs
    inner join {{ ref("int_work_technologies") }} as technologies
        on
            pairs.year = technologies.year
            and pairs.source = technologies.source
            and pairs.work_id = technologies.work_id
    inner join {{ ref("int_work_citations") }} as citations
        on
            pairs.year = citations.year
            and pairs.source = citations.source
            and pairs.work_id = citations.work_id
    where
        pairs.year in (select cells.year from {{ source("control", "refresh_cells") }} as cells)
        and 'ZZ' not in (pairs.country_a, pairs.country_b)

)

select
    year,
    technology,
    country_a,
    country_b,
    cast(rank as {{ dbt.type_int() }}) as rank,
    source,
    work_id,
    weight
from contributions
where rank <= 5
