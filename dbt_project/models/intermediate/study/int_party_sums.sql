{{ config(materialized="incremental", incremental_strategy="replace_cells") }}

-- The sums over works that the standard errors of a country, or of EU-27 as one, are made of. With r the
-- party's output on a work, x its weight with known partners and z the work's unknown output.

with

works as (

    select
        parties.year,
        parties.source,
        parties.work_id,
        parties.party,
        parties.output,
        parties.known_weight,
        parties.unknown_weight,
        coalesce(unknowns.output, 0) as unknown_output
    from {{ ref("int_work_parties") }} as parties
    left join {{ ref("int_work_parties") }} as unknowns
        on
            parties.year = unknowns.year
            and parties.source = unknowns.source
            and parties.work_id = unknowns.work_id
            and unknowns.party = 'ZZ'
    where parties.year in (select years.year from {{ source("control", "refresh_cells") }} as years)

)

select
    works.year,
    technologies.technology,
    works.party,
    count(*) as papers,
    sum(works.output) as output,
    sum(works.output * works.output) as output_square,
    sum(works.output * works.unknown_output) as output_unknown_product,
    sum(works.known_weight) as known_weight,
    sum(works.known_weight * works.known_weight) as known_weight_square,
    sum(works.unknown_weight) as unknown_weight
from works
inner join {{ ref("int_work_technologies") }} as technologies
    on
        works.year = technologies.year
        and works.source = technologies.source
        and works.work_id = technologies.work_id
group by 1, 2, 3
