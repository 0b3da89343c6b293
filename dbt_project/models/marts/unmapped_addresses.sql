{{ config(materialized="incremental", incremental_strategy="replace_years") }}

-- Addresses that name no country the seed `country_names` knows. Nothing is guessed: an author with no other
-- address is of the unknown country, and the label at the end of the address is counted here.

with

institutions as (

    select
        year,
        source,
        work_id,
        {{ explode("institutions") }} as institution
    from {{ ref("stg_current_works") }}
    where
        year in (select years.year from {{ source("control", "refresh_years") }} as years)
        and source in (select names.source from {{ ref("country_names") }} as names)

),

addresses as (

    select
        year,
        source,
        work_id,
        institution.country as label,
        institution.name as address
    from institutions

)

select
    addresses.year,
    addresses.source,
    addresses.label,
    count(distinct addresses.address) as addresses,
    count(distinct addresses.work_id) as works,
    min(addresses.address) as example_address
from addresses
left join {{ ref("stg_country_codes") }} as countries
    on
        addresses.source = countries.source
        and addresses.label = countries.code
where countries.code is null
group by 1, 2, 3
