{{ config(materialized="incremental", incremental_strategy="replace_years") }}

-- How many works have an abstract. A classification by text cannot be better than that, and a drift here
-- looks like a change of what is worked on.

with

works as (

    select
        year,
        source,
        count(*) as works,
        sum(case when has_abstract then 1 else 0 end) as works_with_abstract
    from {{ ref("stg_current_works") }}
    where year in (select years.year from {{ source("control", "refresh_years") }} as years)
    group by year, source

)

select
    year,
    source,
    works,
    cast(works_with_abstract as {{ dbt.type_bigint() }}) as works_with_abstract,
    cast(works_with_abstract as double) / works as abstract_share
from works
