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

),

-- Looked up once a code, not once an author.
code_totals as (

    select
        year,
        source,
        code,
        count(*) as authors
    from codes
    group by 1, 2, 3

)

select
    totals.year,
    totals.source,
    totals.code,
    totals.authors
from code_totals as totals
left join {{ ref("stg_country_codes") }} as countries
    on
        totals.source = countries.source
        and totals.code = countries.code
where countries.code is null
