{{ config(materialized="view") }}

-- The years leaders are named for: the last five up to the latest complete one. A year is complete when it
-- was over by the latest date a drop states, and has at least half as many works as the year before, since
-- records of a year come late.

with

years as (

    select
        year,
        works,
        lag(works) over (order by year) as works_before
    from {{ ref("year_totals") }}
    where technology = 'all'

),

latest_dates as (

    select max(drops.stated_date) as stated_date
    from {{ source("control", "active_drops") }} as drops

),

complete_years as (

    select years.year
    from years
    cross join latest_dates
    where
        (latest_dates.stated_date is null or years.year < extract(year from latest_dates.stated_date))
        and (years.works_before is null or years.works * 2 >= years.works_before)

)

select
    max(year) - 4 as window_start,
    max(year) as window_end
from complete_years
