{{ config(materialized="incremental", incremental_strategy="replace_years") }}

-- Codes the seed `countries` does not know. They are dropped from an author's countries, and counted here.

with

authors as (

    {{ explode_authors(ref("stg_current_works")) }}

),

codes as (

    select
        year,
        source,
        {{ explode("codes") }} as code
    from authors

)

select
    codes.year,
    codes.source,
    codes.code,
    count(*) as authors
from codes
left join {{ ref("countries") }} as countries
    on codes.code = countries.code
where countries.code is null
group by 1, 2, 3
