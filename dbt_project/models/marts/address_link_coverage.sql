{{ config(materialized="incremental", incremental_strategy="replace_years") }}

-- How well authors are linked to their addresses, in the records as delivered. Where links are missing, an
-- author gets all countries of the record, so a change of this share can look like one of collaboration.

with

authors as (

    {{ explode_authors(ref("stg_current_works"), source("control", "refresh_years")) }}

),

works as (

    select
        year,
        source,
        work_id,
        count(*) as authors,
        sum(case when basis = 'linked' then 1 else 0 end) as linked_authors,
        max(case when basis in ('linked', 'shared') then 1 else 0 end) as has_addresses
    from authors
    where source in (select names.source from {{ ref("country_names") }} as names)
    group by 1, 2, 3

),

coverage as (

    select
        year,
        source,
        count(*) as works,
        sum(has_addresses) as works_with_addresses,
        sum(case when linked_authors = authors then 1 else 0 end) as works_fully_linked,
        sum(case when linked_authors between 1 and authors - 1 then 1 else 0 end) as works_partly_linked,
        sum(case when has_addresses = 1 and linked_authors = 0 then 1 else 0 end) as works_without_links,
        sum(1 - has_addresses) as works_without_addresses,
        sum(authors) as authors,
        sum(has_addresses * authors) as authors_with_addresses,
        sum(linked_authors) as linked_authors
    from works
    group by 1, 2

)

select
    year,
    source,
    works,
    cast(works_with_addresses as {{ dbt.type_bigint() }}) as works_with_addresses,
    cast(works_fully_linked as {{ dbt.type_bigint() }}) as works_fully_linked,
    cast(works_partly_linked as {{ dbt.type_bigint() }}) as works_partly_linked,
    cast(works_without_links as {{ dbt.type_bigint() }}) as works_without_links,
    cast(works_without_addresses as {{ dbt.type_bigint() }}) as works_without_addresses,
    cast(authors as {{ dbt.type_bigint() }}) as authors,
    cast(authors_with_addresses as {{ dbt.type_bigint() }}) as authors_with_addresses,
    cast(linked_authors as {{ dbt.type_bigint() }}) as linked_authors,
    cast(linked_authors as double) / nullif(authors_with_addresses, 0) as linked_share
from coverage
