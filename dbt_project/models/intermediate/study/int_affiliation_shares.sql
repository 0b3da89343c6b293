{{ config(materialized="table") }}

-- Each author's shares where an author's one is split over affiliations instead of countries, of the works
-- where that makes a difference: an author has three institutions or more in two countries or more. Of this
-- run alone. Sources that give addresses name no institutions, so nothing changes for theirs.

with

authors as (

    {{ explode_author_affiliations(ref("stg_current_works")) }}

),

uneven_works as (

    select distinct
        source,
        work_id
    from authors
    where
        basis = 'institution'
        and {{ list_length("affiliation_codes") }} > 2
        and {{ list_length("codes") }} > 1

),

affiliations as (

    select
        authors.source,
        authors.work_id,
        authors.author_number,
        authors.basis,
        {{ explode(
            "case when authors.basis = 'institution' then authors.affiliation_codes else authors.codes end"
        ) }} as code
    from authors
    inner join uneven_works
        on
            authors.source = uneven_works.source
            and authors.work_id = uneven_works.work_id

),

country_affiliations as (

    select
        affiliations.source,
        affiliations.work_id,
        affiliations.author_number,
        affiliations.basis,
        countries.reporting_code as country,
        count(*) as affiliations
    from affiliations
    inner join {{ ref("stg_country_codes") }} as countries
        on
            affiliations.source = countries.source
            and affiliations.code = countries.code
    group by 1, 2, 3, 4, 5

),

-- Strings that name several countries are no statement, as in the main reading.
known_shares as (

    select
        source,
        work_id,
        author_number,
        country,
        share
    from (
        select
            source,
            work_id,
            author_number,
            basis,
            country,
            cast(affiliations as double)
            / sum(affiliations) over (partition by source, work_id, author_number) as share,
            count(*) over (partition by source, work_id, author_number) as countries
        from country_affiliations
    ) as author_shares
    where basis != 'string' or countries = 1

)

select
    authors.year,
    authors.source,
    authors.work_id,
    authors.author_number,
    authors.authors,
    coalesce(known_shares.country, 'ZZ') as country,
    coalesce(known_shares.share, 1) as share
from authors
inner join uneven_works
    on
        authors.source = uneven_works.source
        and authors.work_id = uneven_works.work_id
left join known_shares
    on
        authors.source = known_shares.source
        and authors.work_id = known_shares.work_id
        and authors.author_number = known_shares.author_number
