{{ config(materialized="table") }}

-- How each counted work comes to its technologies (METHOD section 5): its record or one merged into it
-- matches, each in the version that counts, or a drop that delivered one of them states it. A title that
-- matches by itself is a way, too, but of another reading of the same records: see `work_technologies`.

with

counted_records as (

    select
        drop_version,
        file,
        position,
        source,
        work_id,
        publication_year as year,
        source as counted_source,
        work_id as counted_work_id
    from {{ ref("work_outcomes") }}
    where outcome = 'current'

    union all

    select
        drop_version,
        file,
        position,
        source,
        work_id,
        counted_year as year,
        counted_source,
        counted_work_id
    from {{ ref("work_outcomes") }}
    where outcome = 'merged'

),

stated_technologies as (

    select distinct
        outcomes.source,
        outcomes.work_id,
        drops.technology
    from {{ ref("work_outcomes") }} as outcomes
    inner join {{ source("control", "active_drops") }} as drops
        on outcomes.drop_version = drops.drop_version
    where drops.technology is not null

),

ways as (

    select
        counted_records.year,
        counted_records.counted_source as source,
        counted_records.counted_work_id as work_id,
        matches.technology,
        matches.how
    from counted_records
    inner join {{ ref("matched_records") }} as matches
        on
            counted_records.drop_version = matches.drop_version
            and counted_records.file = matches.file
            and counted_records.position = matches.position

    union all

    select
        counted_records.year,
        counted_records.counted_source as source,
        counted_records.counted_work_id as work_id,
        stated_technologies.technology,
        'statement' as how
    from counted_records
    inner join stated_technologies
        on
            counted_records.source = stated_technologies.source
            and counted_records.work_id = stated_technologies.work_id

)

select
    year,
    source,
    work_id,
    technology,
    max(case when how = 'query' then 1 else 0 end) = 1 as by_query,
    max(case when how = 'topic' then 1 else 0 end) = 1 as by_topic,
    max(case when how = 'title' then 1 else 0 end) = 1 as by_title,
    max(case when how = 'statement' then 1 else 0 end) = 1 as by_statement
from ways
group by year, source, work_id, technology
