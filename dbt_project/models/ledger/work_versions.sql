{{ config(materialized="incremental", incremental_strategy="replace_drops") }}

-- The keys of each stored record, which is all that versions, scope and merging are decided on. A drop
-- version never changes once recorded, so only the files of versions not yet here are opened.

{% set new_files %}
    select files.path
    from {{ source("control", "record_files") }} as files
    {% if is_incremental() %}
        where files.drop_version not in (select distinct known.drop_version from {{ this }} as known)
    {% endif %}
{% endset %}

select
    drops.drop_version,
    drops.drop_id,
    records.source,
    records.work_id,
    records.doi,
    -- Titles are compared only where works share a DOI.
    case when records.doi is not null then records.title_words end as title_words,
    records.publication_year,
    records.document_types,
    records.is_retracted,
    records.is_paratext,
    records.is_xpac,
    {{ list_length("records.author_basis") }} as authors,
    records.updated_date,
    drops.stated_date,
    records.content_hash,
    records.file,
    records.position
from {{ stored_records(new_files) }} as records
inner join {{ source("control", "active_drops") }} as drops
    on records.drop_version = drops.drop_version
