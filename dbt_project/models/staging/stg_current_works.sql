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
inner join {{ ref("work_outcomes") }} as outcomes
    on
        records.drop_version = outcomes.drop_version
        and records.file = outcomes.file
        and records.position = outcomes.position
where
    outcomes.outcome = 'current'
    and records.year in (select years.year from {{ source("control", "refresh_cells") }} as years)
