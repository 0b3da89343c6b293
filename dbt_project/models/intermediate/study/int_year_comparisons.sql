{{ config(materialized="view") }}

-- What years are held against: the year before, and the base year.

with

years as (

    select year
    from {{ ref("year_totals") }}
    where technology = 'all'

),

comparisons as (

    select
        year,
        year - 1 as base_year
    from years

    union

    select
        year,
        {{ base_year() }} as base_year
    from years
    where year > {{ base_year() }}

)

select
    comparisons.year,
    comparisons.base_year
from comparisons
inner join years
    on comparisons.base_year = years.year
