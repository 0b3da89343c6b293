{{ config(materialized="incremental", incremental_strategy="replace_cells") }}

-- On what an author's country rests, year by year: a drift here can look like a change in collaboration.

select
    groups.year,
    technologies.technology,
    groups.source,
    groups.basis,
    cast(sum(groups.authors) as {{ dbt.type_bigint() }}) as authors
from {{ ref("int_author_groups") }} as groups
inner join {{ ref("int_work_technologies") }} as technologies
    on
        groups.year = technologies.year
        and groups.source = technologies.source
        and groups.work_id = technologies.work_id
where groups.year in (select years.year from {{ source("control", "refresh_cells") }} as years)
group by 1, 2, 3, 4
