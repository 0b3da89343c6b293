{{ config(materialized="incremental", incremental_strategy="replace_years") }}

-- From an author to reporting countries (METHOD section 1). Authors of one work with the same codes on the
-- same basis share everything that follows, so they are counted as one group: a paper of 1,164 authors in
-- 107 countries is some hundred rows. Codes are folded once a distinct list, not once an author.

with

authors as (

    {{ explode_authors(ref("stg_current_works")) }}

),

authors_by_codes as (

    select
        year,
        source,
        work_id,
        basis,
        codes,
        count(*) as authors
    from authors
    group by year, source, work_id, basis, codes

),

code_lists as (

    select distinct codes
    from authors_by_codes

),

listed_codes as (

    select
        codes,
        {{ explode("codes") }} as code
    from code_lists

),

-- Fold first, count distinct after; a code the seed does not know drops out here.
reporting_countries as (

    select distinct
        listed_codes.codes,
        countries.reporting_code as country
    from listed_codes
    inner join {{ ref("countries") }} as countries
        on listed_codes.code = countries.code

),

folded_lists as (

    select
        codes,
        {{ sorted_list("country") }} as countries,
        count(*) as country_count
    from reporting_countries
    group by codes

),

-- `countries` strings count only when exactly one reporting country remains: several are usually spurious.
author_groups as (

    select
        authors_by_codes.year,
        authors_by_codes.source,
        authors_by_codes.work_id,
        authors_by_codes.basis,
        authors_by_codes.authors,
        folded_lists.countries,
        folded_lists.country_count is not null
        and not (authors_by_codes.basis = 'string' and folded_lists.country_count > 1) as is_known
    from authors_by_codes
    left join folded_lists
        on authors_by_codes.codes = folded_lists.codes

)

select
    year,
    source,
    work_id,
    case when is_known then basis else 'none' end as basis,
    case when is_known then countries else {{ list_of("'ZZ'") }} end as countries,
    cast(sum(authors) as {{ dbt.type_bigint() }}) as authors
from author_groups
group by 1, 2, 3, 4, 5
