{{ config(materialized="incremental", incremental_strategy="replace_cells") }}

-- How many works of each country, and of EU-27, are cited how often, in full counts: what H-indices over
-- several years are made of. Works that are not cited add to none.

select
    impacts.year,
    impacts.technology,
    parties.party as country,
    impacts.cited_by_count,
    count(*) as papers
from {{ ref("int_work_impacts") }} as impacts
inner join {{ ref("int_work_parties") }} as parties
    on
        impacts.year = parties.year
        and impacts.source = parties.source
        and impacts.work_id = parties.work_id
where
    parties.year in (select cells.year from {{ source("control", "refresh_cells") }} as cells)
    and parties.party != 'ZZ'
    and impacts.cited_by_count > 0
group by 1, 2, 3, 4
