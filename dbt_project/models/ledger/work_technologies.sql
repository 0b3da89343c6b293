{{ config(materialized="view") }}

-- The technologies of each counted work, for the main reading: it does not belong to one that only its title
-- would bring it to.

select
    year,
    source,
    work_id,
    technology,
    by_query,
    by_topic,
    by_title,
    by_statement
from {{ ref("technology_ways") }}
where by_query or by_topic or by_statement
