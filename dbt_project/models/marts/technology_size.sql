{{ config(materialized="incremental", incremental_strategy="replace_touched_years") }}

-- How large each technology is, how its works came to it, and how much of it is shared with others. Looks at
-- all technologies of a year at once, since one that changes changes what is shared.

with

works as (

    select
        year,
        source,
        work_id,
        technology,
        by_query,
        by_topic,
        by_statement,
        count(*) over (partition by source, work_id) as technologies
    from {{ ref("work_technologies") }}
    where year in (select cells.year from {{ source("control", "refresh_cells") }} as cells)

),

critical_works as (

    select
        year,
        source,
        work_id,
        max(case when by_query then 1 else 0 end) as by_query,
        max(case when by_topic then 1 else 0 end) as by_topic,
        max(case when by_statement then 1 else 0 end) as by_statement
    from works
    group by year, source, work_id

),

all_works as (

    select
        publication_year as year,
        count(*) as works
    from {{ ref("work_outcomes") }}
    where
        outcome = 'current'
        and publication_year in (select cells.year from {{ source("control", "refresh_cells") }} as cells)
    group by publication_year

),

sizes as (

    select
        year,
        'all' as technology,
        works,
        0 as works_by_query,
        0 as works_by_topic,
        0 as works_by_statement,
        cast(null as {{ dbt.type_bigint() }}) as works_only_here
    from all_works

    union all

    select
        year,
        'critical' as technology,
        count(*) as works,
        sum(by_query) as works_by_query,
        sum(by_topic) as works_by_topic,
        sum(by_statement) as works_by_statement,
        cast(null as {{ dbt.type_bigint() }}) as works_only_here
    from critical_works
    group by year

    union all

    select
        year,
        technology,
        count(*) as works,
        sum(case when by_query then 1 else 0 end) as works_by_query,
        sum(case when by_topic then 1 else 0 end) as works_by_topic,
        sum(case when by_statement then 1 else 0 end) as works_by_statement,
        sum(case when technologies = 1 then 1 else 0 end) as works_only_here
    from works
    group by year, technology

),

critical_sizes as (

    select
        year,
        works
    from sizes
    where technology = 'critical'

)

select
    sizes.year,
    sizes.technology,
    sizes.works,
    cast(sizes.works_by_query as {{ dbt.type_bigint() }}) as works_by_query,
    cast(sizes.works_by_topic as {{ dbt.type_bigint() }}) as works_by_topic,
    cast(sizes.works_by_statement as {{ dbt.type_bigint() }}) as works_by_statement,
    cast(sizes.works_only_here as {{ dbt.type_bigint() }}) as works_only_here,
    cast(sizes.works as double) / all_works.works as share_of_all,
    case
        when sizes.technology != 'all' then cast(sizes.works as double) / critical_sizes.works
    end as share_of_critical,
    catalogue.version as catalogue_version,
    catalogue.digest as catalogue_digest
from sizes
inner join all_works
    on sizes.year = all_works.year
left join critical_sizes
    on sizes.year = critical_sizes.year
left join {{ source("control", "technologies") }} as catalogue
    on sizes.technology = catalogue.technology
