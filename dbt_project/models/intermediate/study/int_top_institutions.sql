{{ config(materialized="view") }}

-- How many of the ten leading institutions of each technology a country has. Institutions tied across the
-- tenth place share the places that are left, so that the places are ten. Technologies with fewer than ten
-- known institutions have no rows: ten cannot be told.

with

ranked as (

    select
        technology,
        country,
        rank as institution_rank,
        count(*) over (partition by technology, rank) as tied,
        count(*) over (partition by technology) as institutions
    from {{ ref("institution_ranking") }}
    where rank is not null

)

select
    technology,
    country,
    sum(least(tied, 11 - institution_rank) / cast(tied as double)) as places
from ranked
where institution_rank <= 10 and institutions >= 10
group by technology, country
