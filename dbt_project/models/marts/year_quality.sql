{{ config(materialized="view") }}

-- Signs that a year is not what its neighbours are. A full outer join, so that a year that is missing, and
-- one that should not be there, both show.

with

expected as (

    select
        year,
        sum(works) as works
    from {{ ref("year_contents") }}
    group by year

),

observed as (

    select
        year,
        works,
        unknown_output
    from {{ ref("year_totals") }}
    where technology = 'all'

),

years as (

    select
        coalesce(expected.year, observed.year) as year,
        cast(coalesce(expected.works, 0) as {{ dbt.type_bigint() }}) as works_expected,
        coalesce(observed.works, 0) as works,
        observed.unknown_output / observed.works as unknown_share
    from expected
    full outer join observed
        on expected.year = observed.year

),

neighbours as (

    select
        years.year,
        avg(others.works) as works
    from years
    inner join years as others
        on others.year in (years.year - 1, years.year + 1)
    group by years.year

)

select
    years.year,
    years.works_expected,
    years.works,
    years.unknown_share,
    years.works / nullif(neighbours.works, 0) as neighbour_ratio
from years
left join neighbours
    on years.year = neighbours.year
