{{ config(materialized="incremental", incremental_strategy="replace_cells") }}

-- The size of each year: the denominators, and what the identities add up to.

with

works as (

    select
        year,
        source,
        work_id,
        max(authors) as authors,
        max(case when is_international then 1 else 0 end) as is_international,
        sum(case when country = 'ZZ' then output else 0 end) as unknown_output
    from {{ ref("int_work_countries") }}
    where year in (select years.year from {{ source("control", "refresh_cells") }} as years)
    group by year, source, work_id

)

select
    works.year,
    technologies.technology,
    count(*) as works,
    cast(sum(case when works.authors > 1 then 1 else 0 end) as {{ dbt.type_bigint() }}) as works_multi_author,
    cast(sum(works.is_international) as {{ dbt.type_bigint() }}) as works_international,
    sum(works.unknown_output) as unknown_output
from works
inner join {{ ref("int_work_technologies") }} as technologies
    on
        works.year = technologies.year
        and works.source = technologies.source
        and works.work_id = technologies.work_id
group by 1, 2
