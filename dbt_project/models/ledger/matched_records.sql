{{ config(materialized="incremental", incremental_strategy="replace_matches") }}

-- The technologies each stored record belongs to by its own text or topics. Only the files of matches that
-- are not here yet are opened: a query that changed brings one small file a drop.

{% set new_files %}
    select distinct files.path
    from {{ source("control", "match_files") }} as files
    {% if is_incremental() %}
        where
            (files.drop_version, files.technology, files.digest) not in (
                select
                    known.drop_version,
                    known.technology,
                    known.digest
                from {{ this }} as known
            )
    {% endif %}
{% endset %}

select
    matches.drop_version,
    matches.file,
    matches.position,
    matches.technology,
    matches.how,
    matches.digest
from {{ stored_matches(new_files) }} as matches
{% if is_incremental() %}
    where
        (matches.drop_version, matches.technology, matches.digest) not in (
            select
                known.drop_version,
                known.technology,
                known.digest
            from {{ this }} as known
        )
{% endif %}
