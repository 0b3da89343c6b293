{{ config(materialized="incremental", incremental_strategy="replace_years") }}

-- What each work gives to each group of countries that has a member on it: the members' outputs, added up
-- (METHOD section 6).

select
    countries.year,
    countries.source,
    countries.work_id,
    members.group_set,
    members.group_name,
    sum(countries.output) as output
from {{ ref("int_work_countries") }} as countries
inner join {{ ref("country_groups") }} as members
    on countries.country = members.country
where countries.year in (select years.year from {{ source("control", "refresh_years") }} as years)
group by 1, 2, 3, 4, 5
