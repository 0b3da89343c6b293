{{ config(materialized="incremental", incremental_strategy="replace_cells") }}

-- What "the totals reconcile" means (METHOD section 3). The expected side is counted from the stored records,
-- author by author, and never from the marts it is held against.

with

works as (

    select
        works.year,
        technologies.technology,
        works.source,
        works.work_id,
        works.authors
    from {{ ref("stg_current_works") }} as works
    inner join {{ ref("int_work_technologies") }} as technologies
        on
            works.year = technologies.year
            and works.source = technologies.source
            and works.work_id = technologies.work_id

),

expected_works as (

    select
        year,
        technology,
        count(*) as works,
        sum(case when authors > 1 then 1 else 0 end) as works_multi_author
    from works
    group by 1, 2

),

authors as (

    {{ explode_authors(ref("stg_current_works"), source("control", "refresh_cells")) }}

),

-- An author linked to no address of their own stands for all countries of the record.
record_codes as (

    select
        year,
        source,
        work_id,
        {{ explode("record_countries") }} as code
    from {{ ref("stg_current_works") }}
    where source in (select names.source from {{ ref("country_names") }} as names)

),

own_codes as (

    select
        year,
        source,
        work_id,
        author_number,
        basis,
        {{ explode("codes") }} as code
    from authors

),

author_codes as (

    select
        own_codes.year,
        own_codes.source,
        own_codes.work_id,
        own_codes.author_number,
        own_codes.basis,
        own_codes.code
    from own_codes
    cross join {{ source("control", "scope") }} as scope
    where own_codes.basis != 'linked' or not scope.ignore_links

    union all

    select
        authors.year,
        authors.source,
        authors.work_id,
        authors.author_number,
        authors.basis,
        record_codes.code
    from authors
    cross join {{ source("control", "scope") }} as scope
    inner join record_codes
        on
            authors.year = record_codes.year
            and authors.source = record_codes.source
            and authors.work_id = record_codes.work_id
    where authors.basis = 'shared' or (authors.basis = 'linked' and scope.ignore_links)

),

author_countries as (

    select distinct
        author_codes.year,
        author_codes.source,
        author_codes.work_id,
        author_codes.author_number,
        author_codes.basis,
        countries.reporting_code as country
    from author_codes
    inner join {{ ref("stg_country_codes") }} as countries
        on
            author_codes.source = countries.source
            and author_codes.code = countries.code

),

author_country_counts as (

    select
        year,
        source,
        work_id,
        author_number,
        count(*) as countries
    from author_countries
    group by 1, 2, 3, 4

),

author_shares as (

    select
        authors.year,
        authors.source,
        authors.work_id,
        case
            when counts.countries is null or (authors.basis = 'string' and counts.countries > 1) then 'ZZ'
            else countries.country
        end as country,
        case
            when counts.countries is null then cast(1 as double)
            else cast(1 as double) / counts.countries
        end as share
    from authors
    left join author_country_counts as counts
        on
            authors.year = counts.year
            and authors.source = counts.source
            and authors.work_id = counts.work_id
            and authors.author_number = counts.author_number
    left join author_countries as countries
        on
            authors.year = countries.year
            and authors.source = countries.source
            and authors.work_id = countries.work_id
            and authors.author_number = countries.author_number

),

expected_outputs as (

    select
        works.year,
        works.technology,
        author_shares.country,
        sum(author_shares.share / works.authors) as output
    from author_shares
    inner join works
        on
            author_shares.year = works.year
            and author_shares.source = works.source
            and author_shares.work_id = works.work_id
    group by 1, 2, 3

),

country_rows as (

    select marts.*
    from {{ ref("country_output") }} as marts
    inner join {{ source("control", "refresh_cells") }} as cells
        on
            marts.year = cells.year
            and marts.technology = cells.technology

),

pair_rows as (

    select marts.*
    from {{ ref("pair_collaboration") }} as marts
    inner join {{ source("control", "refresh_cells") }} as cells
        on
            marts.year = cells.year
            and marts.technology = cells.technology

),

country_sums as (

    select
        year,
        technology,
        sum(output) as output
    from country_rows
    group by 1, 2

),

-- Both directions of each pair, and each country with itself.
directed_weights as (

    select
        year,
        technology,
        domestic_weight as weight
    from country_rows

    union all

    select
        year,
        technology,
        2 * weight as weight
    from pair_rows

),

weight_sums as (

    select
        year,
        technology,
        sum(weight) as weight
    from directed_weights
    group by 1, 2

),

-- A year or technology on one side only is a difference, too.
output_identity as (

    select
        coalesce(expected.year, actual.year) as year,
        coalesce(expected.technology, actual.technology) as technology,
        '1 output adds up to works' as identity,
        cast(coalesce(expected.works, 0) as double) as expected,
        coalesce(actual.output, 0) as actual
    from expected_works as expected
    full outer join country_sums as actual
        on
            expected.year = actual.year
            and expected.technology = actual.technology

),

weight_identity as (

    select
        coalesce(expected.year, actual.year) as year,
        coalesce(expected.technology, actual.technology) as technology,
        '2 weight adds up to multi-author works' as identity,
        cast(coalesce(expected.works_multi_author, 0) as double) as expected,
        coalesce(actual.weight, 0) as actual
    from expected_works as expected
    full outer join weight_sums as actual
        on
            expected.year = actual.year
            and expected.technology = actual.technology

),

-- Both the output itself and its parts are held against the recount; the worse of the two is kept.
country_differences as (

    select
        coalesce(expected.year, actual.year) as year,
        coalesce(expected.technology, actual.technology) as technology,
        coalesce(expected.country, actual.country) as country,
        coalesce(expected.output, 0) as expected,
        case
            when
                abs(coalesce(actual.output, 0) - coalesce(expected.output, 0))
                > abs(
                    coalesce(actual.solo_output + actual.domestic_weight + actual.international_weight, 0)
                    - coalesce(expected.output, 0)
                )
                then coalesce(actual.output, 0)
            else coalesce(actual.solo_output + actual.domestic_weight + actual.international_weight, 0)
        end as actual
    from expected_outputs as expected
    full outer join country_rows as actual
        on
            expected.year = actual.year
            and expected.technology = actual.technology
            and expected.country = actual.country

),

-- What differs by rounding alone is equal, lest the order of a sum decide which country stands here.
ranked_differences as (

    select
        year,
        technology,
        expected,
        actual,
        row_number() over (
            partition by year, technology
            order by round(abs(actual - expected) / greatest(1, abs(expected)), 12) desc, country asc
        ) as difference_rank
    from country_differences

),

-- The worst country stands for all.
country_identity as (

    select
        year,
        technology,
        '3 output splits into solo, domestic and international' as identity,
        expected,
        actual
    from ranked_differences
    where difference_rank = 1

),

country_faults as (

    select
        year,
        technology,
        sum(
            case
                when
                    output >= 0 and solo_output >= 0 and domestic_weight >= 0 and international_weight >= 0
                    and not isnan(output) and not isnan(solo_output)
                    and not isnan(domestic_weight) and not isnan(international_weight)
                    then 0
                else 1
            end
        ) + count(*) - count(distinct country) as faults
    from country_rows
    group by 1, 2

),

pair_faults as (

    select
        year,
        technology,
        sum(
            case
                when
                    weight >= 0 and weight_squared >= 0 and intensity between 0 and 1
                    and not isnan(weight) and not isnan(weight_squared) and not isnan(intensity)
                    then 0
                else 1
            end
        ) + count(*) - count(distinct country_a || '-' || country_b) as faults
    from pair_rows
    group by 1, 2

),

bounds_identity as (

    select
        coalesce(countries.year, pairs.year) as year,
        coalesce(countries.technology, pairs.technology) as technology,
        '4 values in range, one row a key' as identity,
        cast(0 as double) as expected,
        cast(coalesce(countries.faults, 0) + coalesce(pairs.faults, 0) as double) as actual
    from country_faults as countries
    full outer join pair_faults as pairs
        on
            countries.year = pairs.year
            and countries.technology = pairs.technology

),

stored_records as (

    select
        year,
        count(*) as records
    from {{ ref("stg_records") }}
    where year in (select years.year from {{ source("control", "refresh_years") }} as years)
    group by year

),

settled_records as (

    select
        publication_year as year,
        count(*) as records
    from {{ ref("work_outcomes") }}
    where
        publication_year in (select years.year from {{ source("control", "refresh_years") }} as years)
        and outcome in ('current', 'superseded', 'retired', 'out_of_scope', 'merged')
    group by publication_year

),

outcome_identity as (

    select
        coalesce(expected.year, actual.year) as year,
        'all' as technology,
        '5 each record has one outcome' as identity,
        cast(coalesce(expected.records, 0) as double) as expected,
        cast(coalesce(actual.records, 0) as double) as actual
    from stored_records as expected
    full outer join settled_records as actual
        on expected.year = actual.year

),

identities as (

    select * from output_identity
    union all
    select * from weight_identity
    union all
    select * from country_identity
    union all
    select * from bounds_identity
    union all
    select * from outcome_identity

)

select
    year,
    technology,
    identity,
    expected,
    actual,
    actual - expected as difference,
    abs(actual - expected) <= 1e-9 * greatest(1, abs(expected)) as passed
from identities
