{{ config(materialized="incremental", incremental_strategy="replace_years") }}

-- Technology is a dimension of every mart. `all` is every in-scope work; a work counts fully in each of its
-- technologies, so the technologies of a year do not add up to `all`. A work has the technology of every drop
-- that delivered a version of it, or of a record that is merged into it (METHOD section 5).

with

counted_records as (

    select
        publication_year as year,
        source as counted_source,
        work_id as counted_work_id,
        source,
        work_id
    from {{ ref("work_outcomes") }}
    where
        outcome = 'current'
        and publication_year in (select years.year from {{ source("control", "refresh_years") }} as years)

    union all

    select
        counted_year as year,
        counted_source,
        counted_work_id,
        source,
        work_id
    from {{ ref("work_outcomes") }}
    where
        outcome = 'merged'
        and counted_year in (select years.year from {{ source("control", "refresh_years") }} as years)

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

)

select
    year,
    source,
    work_id,
    'all' as technology
from {{ ref("stg_current_works") }}

union all

select distinct
    counted_records.year,
    counted_records.counted_source as source,
    counted_records.counted_work_id as work_id,
    stated_technologies.technology
from counted_records
inner join stated_technologies
    on
        counted_records.source = stated_technologies.source
        and counted_records.work_id = stated_technologies.work_id
