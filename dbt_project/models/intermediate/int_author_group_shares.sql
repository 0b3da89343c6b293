{{ config(materialized="view") }}

-- Each reporting country of an author group with the share s = 1/k of every author in it.

select
    year,
    source,
    work_id,
    basis,
    countries,
    authors,
    {{ explode("countries") }} as country,
    cast(1 as double) / {{ list_length("countries") }} as share
from {{ ref("int_author_groups") }}
where year in (select years.year from {{ source("control", "refresh_years") }} as years)
