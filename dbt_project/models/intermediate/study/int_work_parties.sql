{{ config(materialized="incremental", incremental_strategy="replace_years") }}

-- What each work gives to each party: a country, or EU-27 as one. `known_weight` is the party's weight with
-- all known countries outside it, `unknown_weight` that with `ZZ`.

with

outputs as (

    select
        year,
        source,
        work_id,
        country as party,
        output
    from {{ ref("int_work_countries") }}
    where year in (select years.year from {{ source("control", "refresh_years") }} as years)

    union all

    select
        year,
        source,
        work_id,
        group_name as party,
        output
    from {{ ref("int_work_groups") }}
    where
        group_set = 'eu27'
        and year in (select years.year from {{ source("control", "refresh_years") }} as years)

),

weights as (

    select
        year,
        source,
        work_id,
        country_a as party,
        country_b as partner,
        weight
    from {{ ref("int_work_pairs") }}
    where year in (select years.year from {{ source("control", "refresh_years") }} as years)

    union all

    select
        year,
        source,
        work_id,
        country_b as party,
        country_a as partner,
        weight
    from {{ ref("int_work_pairs") }}
    where year in (select years.year from {{ source("control", "refresh_years") }} as years)

    union all

    select
        year,
        source,
        work_id,
        group_name as party,
        country as partner,
        weight
    from {{ ref("int_work_group_pairs") }}
    where
        group_set = 'eu27'
        and country not in ({{ eu27_members() }})
        and year in (select years.year from {{ source("control", "refresh_years") }} as years)

),

party_weights as (

    select
        year,
        source,
        work_id,
        party,
        sum(case when partner = 'ZZ' then 0 else weight end) as known_weight,
        sum(case when partner = 'ZZ' then weight else 0 end) as unknown_weight
    from weights
    group by 1, 2, 3, 4

)

select
    outputs.year,
    outputs.source,
    outputs.work_id,
    outputs.party,
    outputs.output,
    coalesce(party_weights.known_weight, 0) as known_weight,
    coalesce(party_weights.unknown_weight, 0) as unknown_weight
from outputs
left join party_weights
    on
        outputs.year = party_weights.year
        and outputs.source = party_weights.source
        and outputs.work_id = party_weights.work_id
        and outputs.party = party_weights.party
