{{ config(materialized="incremental", incremental_strategy="replace_cells") }}

-- Where the most cited tenth of each technology and year begins. Of N works those above the cut count 1 each
-- and those at the cut (0.1 N - above) / tied each, so that together they are exactly 0.1 N. Where the cut is
-- at 0 citations, too few works are cited to tell a tenth from the rest, and there is no value.

with

works as (

    select
        technologies.year,
        technologies.technology,
        citations.source,
        citations.citing_source,
        citations.cited_by_count,
        citations.is_considered
    from {{ ref("int_work_citations") }} as citations
    inner join {{ ref("int_work_technologies") }} as technologies
        on
            citations.year = technologies.year
            and citations.source = technologies.source
            and citations.work_id = technologies.work_id

),

sizes as (

    select
        year,
        technology,
        max(citing_source) as source,
        sum(case when is_considered then 1 else 0 end) as works,
        sum(case when source != citing_source then 1 else 0 end) as works_of_other_sources,
        sum(case when cited_by_count is null and coalesce(source = citing_source, true) then 1 else 0 end)
            as works_without_citations
    from works
    group by year, technology

),

citation_counts as (

    select
        year,
        technology,
        cited_by_count,
        count(*) as tied
    from works
    where is_considered
    group by year, technology, cited_by_count

),

-- Works cited at least so often.
reaches as (

    select
        year,
        technology,
        cited_by_count,
        tied,
        sum(tied) over (partition by year, technology order by cited_by_count desc) as reached
    from citation_counts

),

cutoffs as (

    select
        reaches.year,
        reaches.technology,
        max(reaches.cited_by_count) as cutoff
    from reaches
    inner join sizes
        on
            reaches.year = sizes.year
            and reaches.technology = sizes.technology
    where reaches.reached * 10 >= sizes.works
    group by reaches.year, reaches.technology

)

select
    sizes.year,
    sizes.technology,
    sizes.source,
    cast(sizes.works as {{ dbt.type_bigint() }}) as works,
    cutoffs.cutoff,
    cast(reaches.reached - reaches.tied as {{ dbt.type_bigint() }}) as above,
    cast(reaches.tied as {{ dbt.type_bigint() }}) as tied,
    case
        when cutoffs.cutoff > 0
            then
                cast(sizes.works - 10 * (reaches.reached - reaches.tied) as double)
                / cast(10 * reaches.tied as double)
    end as tied_share,
    cast(sizes.works_of_other_sources as {{ dbt.type_bigint() }}) as works_of_other_sources,
    cast(sizes.works_without_citations as {{ dbt.type_bigint() }}) as works_without_citations
from sizes
left join cutoffs
    on
        sizes.year = cutoffs.year
        and sizes.technology = cutoffs.technology
left join reaches
    on
        cutoffs.year = reaches.year
        and cutoffs.technology = reaches.technology
        and cutoffs.cutoff = reaches.cited_by_count
