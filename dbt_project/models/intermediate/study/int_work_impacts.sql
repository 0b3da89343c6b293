{{ config(materialized="table") }}

-- How much of each work is high impact in each technology being refreshed: 1 above the cut, a part of it at
-- the cut, 0 below; null where there is no value. Of this run alone.

select
    technologies.year,
    technologies.technology,
    technologies.source,
    technologies.work_id,
    citations.cited_by_count,
    case
        when cutoffs.tied_share is null then null
        when citations.cited_by_count > cutoffs.cutoff then cast(1 as double)
        when citations.cited_by_count = cutoffs.cutoff then cutoffs.tied_share
        else cast(0 as double)
    end as impact
from {{ ref("int_work_technologies") }} as technologies
inner join {{ ref("int_work_citations") }} as citations
    on
        technologies.year = citations.year
        and technologies.source = citations.source
        and technologies.work_id = citations.work_id
inner join {{ ref("high_impact_cutoffs") }} as cutoffs
    on
        technologies.year = cutoffs.year
        and technologies.technology = cutoffs.technology
where citations.is_considered
