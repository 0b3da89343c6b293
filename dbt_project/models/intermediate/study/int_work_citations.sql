{{ config(materialized="table") }}

-- How often each work of the years being refreshed is cited, and whether that can be compared: sources count
-- citations differently, so those of one source alone do in a year. It is the most preferred source that
-- counts a work with a number of citations in that year; the record that counts gives the number.

with

works as (

    select
        year,
        source,
        work_id,
        cited_by_count
    from {{ ref("stg_current_works") }}

),

citing_ranks as (

    select
        works.year,
        min(preference.rank) as preferred_rank
    from works
    inner join {{ source("control", "source_preference") }} as preference
        on works.source = preference.source
    where works.cited_by_count is not null
    group by works.year

),

citing_sources as (

    select
        citing_ranks.year,
        preference.source
    from citing_ranks
    inner join {{ source("control", "source_preference") }} as preference
        on citing_ranks.preferred_rank = preference.rank

)

select
    works.year,
    works.source,
    works.work_id,
    works.cited_by_count,
    citing_sources.source as citing_source,
    works.cited_by_count is not null and works.source = citing_sources.source as is_considered
from works
left join citing_sources
    on works.year = citing_sources.year
