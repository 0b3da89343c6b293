{{ config(materialized="view") }}

-- H-index of each country over the last complete years: the greatest h such that h of its works are cited at
-- least h times each (Hirsch 2005). EU-27 stands as a country of its own.

with

citations as (

    select
        citations.technology,
        citations.country,
        citations.cited_by_count,
        sum(citations.papers) as papers
    from {{ ref("int_country_citations") }} as citations
    inner join {{ ref("int_leader_window") }} as years
        on citations.year between years.window_start and years.window_end
    group by 1, 2, 3

),

-- Works cited at least so often.
reaches as (

    select
        technology,
        country,
        cited_by_count,
        sum(papers) over (partition by technology, country order by cited_by_count desc) as reached
    from citations

)

select
    technology,
    country,
    cast(max(least(cited_by_count, reached)) as {{ dbt.type_bigint() }}) as h_index
from reaches
group by technology, country
