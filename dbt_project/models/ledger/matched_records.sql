{{ config(materialized="incremental", incremental_strategy="replace_matches") }}

-- The technologies each stored record belongs to by its own text or topics. Only the files of matches that
-- are not here yet are opened: a query that changed brings one small file a drop. Such a file may hold other
-- matches that are here: those of a technology that left the catalogue and came back before the next run.

{% set not_here_yet %}
    {% if is_incremental() %}
        (drop_version, technology, digest) not in (
            select
                known.drop_version,
                known.technology,
                known.digest
            from {{ this }} as known
        )
    {% else %}
        true
    {% endif %}
{% endset %}

{% set new_files %}
    select distinct path
    from {{ source("control", "match_files") }}
    where {{ not_here_yet }}
{% endset %}

select
    drop_version,
    file,
    position,
    technology,
    how,
    digest
from {{ stored_matches(new_files) }} as matches
where {{ not_here_yet }}
