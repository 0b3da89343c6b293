{{ config(materialized="table") }}

-- What each technology is in each year. Compared with what it was when it was last counted, this tells which
-- technologies of a year are stale while the rest of it stands. `all` is not here: it is the year itself.
-- Works that only their titles bring to a technology are read in `critical` alone.

with

technologies as (

    select
        year,
        source,
        work_id,
        technology,
        by_query,
        by_topic,
        by_title,
        by_statement
    from {{ ref("work_technologies") }}

    union all

    select
        year,
        source,
        work_id,
        'critical' as technology,
        max(case when by_query then 1 else 0 end) = 1 as by_query,
        max(case when by_topic then 1 else 0 end) = 1 as by_topic,
        max(case when by_title then 1 else 0 end) = 1 as by_title,
        max(case when by_statement then 1 else 0 end) = 1 as by_statement
    from {{ ref("technology_ways") }}
    group by year, source, work_id

),

-- Another way of coming to the same technology changes the sum.
contents as (

    select
        technologies.year,
        technologies.technology,
        case
            when technologies.by_query or technologies.by_topic or technologies.by_statement then 1 else 0
        end as is_main,
        cast(outcomes.content_hash as decimal(38, 0))
        * (
            case when technologies.by_query then 1 else 0 end
            + case when technologies.by_topic then 2 else 0 end
            + case when technologies.by_statement then 4 else 0 end
            + case when technologies.by_title then 8 else 0 end
        ) as content
    from technologies
    inner join {{ ref("work_outcomes") }} as outcomes
        on
            technologies.source = outcomes.source
            and technologies.work_id = outcomes.work_id
    where outcomes.outcome = 'current'

)

select
    contents.year,
    contents.technology,
    cast(sum(contents.is_main) as {{ dbt.type_bigint() }}) as works,
    cast(sum(contents.content) as {{ dbt.type_string() }}) as content_total,
    coalesce(
        'version ' || cast(max(catalogue.version) as {{ dbt.type_string() }}) || ' ' || max(catalogue.digest),
        ''
    ) as query
from contents
left join {{ source("control", "technologies") }} as catalogue
    on contents.technology = catalogue.technology
group by contents.year, contents.technology
