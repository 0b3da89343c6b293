{{ config(materialized="incremental", incremental_strategy="replace_cells") }}

-- The sums over works that the standard errors of a pair are made of; parties are countries, and EU-27 as one
-- beside the countries outside it. With c the pair's weight on a work, r a party's output on it, x a party's
-- weight with known partners.

with

pairs as (

    select
        year,
        source,
        work_id,
        country_a as party_a,
        country_b as party_b,
        weight
    from {{ ref("int_work_pairs") }}
    where year in (select years.year from {{ source("control", "refresh_cells") }} as years)

    union all

    select
        year,
        source,
        work_id,
        least(group_name, country) as party_a,
        greatest(group_name, country) as party_b,
        weight
    from {{ ref("int_work_group_pairs") }}
    where
        group_set = 'eu27'
        and country not in ({{ eu27_members() }})
        and year in (select years.year from {{ source("control", "refresh_cells") }} as years)

),

works as (

    select
        pairs.year,
        pairs.source,
        pairs.work_id,
        pairs.party_a,
        pairs.party_b,
        pairs.weight,
        a.output as output_a,
        b.output as output_b,
        a.known_weight as known_weight_a,
        b.known_weight as known_weight_b
    from pairs
    inner join {{ ref("int_work_parties") }} as a
        on
            pairs.year = a.year
            and pairs.source = a.source
            and pairs.work_id = a.work_id
            and pairs.party_a = a.party
    inner join {{ ref("int_work_parties") }} as b
        on
            pairs.year = b.year
            and pairs.source = b.source
            and pairs.work_id = b.work_id
            and pairs.party_b = b.party

)

select
    works.year,
    technologies.technology,
    works.party_a,
    works.party_b,
    count(*) as papers,
    sum(works.weight) as weight,
    sum(works.weight * works.weight) as weight_square,
    sum(works.weight * works.output_a) as weight_output_a,
    sum(works.weight * works.output_b) as weight_output_b,
    sum(works.output_a * works.output_b) as output_product,
    sum(works.weight * works.known_weight_a) as weight_known_weight_a,
    sum(works.weight * works.known_weight_b) as weight_known_weight_b
from works
inner join {{ ref("int_work_technologies") }} as technologies
    on
        works.year = technologies.year
        and works.source = technologies.source
        and works.work_id = technologies.work_id
group by 1, 2, 3, 4
