{{ config(materialized="incremental", incremental_strategy="replace_years") }}

-- Codes the seed `countries` does not know. They are dropped from an author's countries, and counted here; of
-- sources that give addresses instead of codes, `unmapped_addresses` tells what is unknown.

with

authors as (

    {{ explode_authors(ref("stg_current_works"), source("control", "refresh_years")) }}

),

codes as (

    select
        year,
        source,
        {{ explode("codes") }} as code
    from authors
    where source not in (select names.source from {{ ref("country_names") }} as names)

)

select
    codes.year,
    codes.source,
    codes.code,
    count(*) as authors
from codes
left join {{ ref("stg_country_codes") }} as countries
    on
        codes.source = countries.source
        and codes.code = countries.code
where countries.code is null
group by 1, 2, 3
