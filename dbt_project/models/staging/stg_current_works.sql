{{ config(materialized="view") }}

-- The version that counts of each in-scope work of the years being refreshed.

select
    records.year,
    records.source,
    records.work_id,
    records.title,
    records.doi,
    records.authors,
    records.has_abstract,
    records.cited_by_count,
    records.author_countries,
    records.author_basis,
    records.institutions,
    records.author_institutions,
    records.record_countries
from {{ ref("stg_records") }} as records
where
    -- Not a join: one would copy the lists of all records, and none matches twice.
    (records.drop_version, records.file, records.position) in (
        select
            outcomes.drop_version,
            outcomes.file,
            outcomes.position
        from {{ ref("work_outcomes") }} as outcomes
        where outcomes.outcome = 'current'
    )
    and records.year in (select years.year from {{ source("control", "refresh_cells") }} as years)
