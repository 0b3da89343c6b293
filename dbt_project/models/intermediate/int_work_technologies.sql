{{ config(materialized="incremental", incremental_strategy="replace_years") }}

-- Technology is a dimension of every mart. `all` is every in-scope work; a work counts fully in each of its
-- technologies, so the technologies of a year do not add up to `all`.

select
    year,
    source,
    work_id,
    'all' as technology
from {{ ref("stg_current_works") }}
