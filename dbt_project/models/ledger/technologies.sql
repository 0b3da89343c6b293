{{ config(materialized="table", schema="marts") }}

-- The technologies of this vintage. What a drop states need not be in the catalogue.

with

stated_technologies as (

    select distinct drops.technology
    from {{ source("control", "active_drops") }} as drops
    where drops.technology is not null

)

select
    technology,
    'catalogue' as origin,
    name,
    category,
    version,
    digest
from {{ source("control", "technologies") }}

union all

select
    stated.technology,
    'statement' as origin,
    stated.technology as name,
    cast(null as {{ dbt.type_string() }}) as category,
    cast(null as {{ dbt.type_int() }}) as version,
    cast(null as {{ dbt.type_string() }}) as digest
from stated_technologies as stated
left join {{ source("control", "technologies") }} as catalogue
    on stated.technology = catalogue.technology
where catalogue.technology is null
