{{ config(materialized="incremental", incremental_strategy="replace_years") }}

-- From an author to reporting countries (METHOD section 1). Authors of one work with the same codes on the
-- same basis share everything that follows, so they are counted as one group: a paper of 1,164 authors in
-- 107 countries is some hundred rows. Codes are folded once a distinct list, not once an author.

with

authors as (

    {{ explode_authors(ref("stg_current_works"), source("control", "refresh_years")) }}

),

authors_by_codes as (

    select
        authors.year,
        authors.source,
        authors.work_id,
        case
            when authors.basis = 'linked' and scope.ignore_links then 'shared'
            else authors.basis
        end as basis,
        authors.codes,
        count(*) as authors
    from authors
    cross join {{ source("control", "scope") }} as scope
    group by 1, 2, 3, 4, 5

),

-- What authors share who are linked to no address of their own: the countries of the whole record.
record_codes as (

    select
        source,
        work_id,
        record_countries as codes
    from {{ ref("stg_current_works") }}
    where
        year in (select years.year from {{ source("control", "refresh_years") }} as years)
        and source in (select names.source from {{ ref("country_names") }} as names)

),

authors_with_codes as (

    select
        authors.year,
        authors.source,
        authors.work_id,
        authors.basis,
        case when authors.basis = 'shared' then record_codes.codes else authors.codes end as codes,
        authors.authors
    from authors_by_codes as authors
    left join record_codes
        on
            authors.source = record_codes.source
            and authors.work_id = record_codes.work_id

),

code_lists as (

    select distinct
        source,
        codes
    from authors_with_codes

),

listed_codes as (

    select
        source,
        codes,
        {{ explode("codes") }} as code
    from code_lists

),

-- Fold first, count distinct after; a code that no rule maps drops out here.
reporting_countries as (

    select distinct
        listed_codes.source,
        listed_codes.codes,
        countries.reporting_code as country
    from listed_codes
    inner join {{ ref("stg_country_codes") }} as countries
        on
            listed_codes.source = countries.source
            and listed_codes.code = countries.code

),

folded_lists as (

    select
        source,
        codes,
        {{ sorted_list("country") }} as countries,
        count(*) as country_count
    from reporting_countries
    group by source, codes

),

-- `countries` strings count only when exactly one reporting country remains: several are usually spurious.
author_groups as (

    select
        authors.year,
        authors.source,
        authors.work_id,
        authors.basis,
        authors.authors,
        folded_lists.countries,
        folded_lists.country_count is not null
        and not (authors.basis = 'string' and folded_lists.country_count > 1) as is_known
    from authors_with_codes as authors
    left join folded_lists
        on
            authors.source = folded_lists.source
            and authors.codes = folded_lists.codes

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
