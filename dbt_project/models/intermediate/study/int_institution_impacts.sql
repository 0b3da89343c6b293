{{ config(materialized="incremental", incremental_strategy="replace_cells") }}

-- What each institution has of the most cited tenth of each technology and year. As with countries, each
-- author counts 1/n, here split over the institutions of the author. Sources that give addresses name no
-- institutions, so theirs are `unknown`, like authors without any.

with

high_impact_works as (

    select distinct
        source,
        work_id
    from {{ ref("int_work_impacts") }}
    where impact > 0

),

works as (

    select works.*
    from {{ ref("stg_current_works") }} as works
    inner join high_impact_works
        on
            works.source = high_impact_works.source
            and works.work_id = high_impact_works.work_id

),

author_institutions as (

    {{ explode_author_institutions("works") }}

),

work_institutions as (

    select
        year,
        source,
        work_id,
        coalesce({{ institution_field("institution", "id") }}, 'unknown') as institution_id,
        min(
            case
                when {{ institution_field("institution", "id") }} is not null
                    then {{ institution_field("institution", "name") }}
            end
        ) as name,
        min(
            case
                when {{ institution_field("institution", "id") }} is not null
                    then {{ institution_field("institution", "country") }}
            end
        ) as code,
        sum(share / authors) as output
    from author_institutions
    group by 1, 2, 3, 4

)

select
    impacts.year,
    impacts.technology,
    institutions.institution_id,
    min(institutions.name) as name,
    min(countries.reporting_code) as country,
    sum(impacts.impact * institutions.output) as high_impact_output
from {{ ref("int_work_impacts") }} as impacts
inner join work_institutions as institutions
    on
        impacts.year = institutions.year
        and impacts.source = institutions.source
        and impacts.work_id = institutions.work_id
left join {{ ref("stg_country_codes") }} as countries
    on
        institutions.source = countries.source
        and institutions.code = countries.code
where impacts.impact > 0
group by 1, 2, 3
