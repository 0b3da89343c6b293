{{ config(materialized="view") }}

-- The record store as it is for the years being refreshed: every version delivered for them, current or not.

{% set files %}
    select files.path
    from {{ source("control", "record_files") }} as files
    where
        files.year_folder in (
            select 'year=' || cast(cells.year as {{ dbt.type_string() }})
            from {{ source("control", "refresh_cells") }} as cells
        )
{% endset %}

select
    drop_version,
    source,
    work_id,
    file,
    position,
    publication_year as year,
    title,
    doi,
    has_abstract,
    cited_by_count,
    author_countries,
    author_basis,
    {{ list_length("author_basis") }} as authors,
    institutions,
    author_institutions,
    {{ institution_countries("institutions") }} as record_countries
from {{ stored_records(files) }}
