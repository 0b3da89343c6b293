{{ config(materialized="incremental", incremental_strategy="replace_works") }}

-- The one outcome of each record, once its source is compared with the others: works with one DOI are one,
-- and the record of the preferred source counts (METHOD section 5). Only works that changed within their
-- source are compared again, and those whose DOI they have or had.

with recursive

own_outcomes as (

    select outcomes.*
    from {{ ref("source_outcomes") }} as outcomes
    {% if is_incremental() %}
        inner join ({{ works_to_compare(ref("source_outcomes")) }}) as works_to_compare
            on
                outcomes.source = works_to_compare.source
                and outcomes.work_id = works_to_compare.work_id
    {% endif %}

),

shared_dois as (

    select doi
    from own_outcomes
    where doi is not null and outcome in ('current', 'out_of_scope')
    group by doi
    having count(distinct source) > 1

),

-- The versions that stand for the works of these DOIs. A retired work takes no part.
doi_works as (

    select
        outcomes.doi,
        outcomes.source,
        outcomes.work_id,
        outcomes.publication_year,
        outcomes.outcome,
        preferences.rank as preference,
        versions.is_retracted,
        versions.title_words
    from own_outcomes as outcomes
    inner join shared_dois
        on outcomes.doi = shared_dois.doi
    inner join {{ source("control", "source_preference") }} as preferences
        on outcomes.source = preferences.source
    inner join {{ ref("work_versions") }} as versions
        on
            outcomes.drop_version = versions.drop_version
            and outcomes.file = versions.file
            and outcomes.position = versions.position
    where outcomes.outcome in ('current', 'out_of_scope')

),

doi_pairs as (

    select
        others.source,
        others.work_id,
        others.outcome,
        others.is_retracted,
        preferred.source as preferred_source,
        preferred.work_id as preferred_work_id,
        preferred.publication_year as preferred_year,
        preferred.outcome as preferred_outcome,
        preferred.is_retracted as preferred_is_retracted,
        preferred.preference,
        {{ title_overlap("others.title_words", "preferred.title_words") }} as title_overlap,
        {{ list_length("others.title_words") }} as title_length,
        {{ list_length("preferred.title_words") }} as preferred_title_length
    from doi_works as others
    inner join doi_works as preferred
        on
            others.doi = preferred.doi
            and others.preference > preferred.preference

),

-- Clearly different titles: the DOI of one of them is wrong. A title of one or two words cannot tell.
title_pairs as (

    select
        doi_pairs.*,
        title_length >= 3 and preferred_title_length >= 3 and title_overlap < 0.5 as is_different
    from doi_pairs

),

retracted_works as (

    select
        source,
        work_id
    from title_pairs
    where preferred_is_retracted and not is_different

    union

    select
        preferred_source as source,
        preferred_work_id as work_id
    from title_pairs
    where is_retracted and not is_different

),

-- The more preferred records a work may merge into, best first.
ranked_pairs as (

    select
        pairs.*,
        row_number() over (
            partition by pairs.source, pairs.work_id, pairs.is_different
            order by
                pairs.preference asc,
                pairs.title_overlap desc nulls last,
                pairs.preferred_work_id asc
        ) as pair_rank
    from title_pairs as pairs
    left join retracted_works
        on
            pairs.source = retracted_works.source
            and pairs.work_id = retracted_works.work_id
    left join retracted_works as preferred_retracted_works
        on
            pairs.preferred_source = preferred_retracted_works.source
            and pairs.preferred_work_id = preferred_retracted_works.work_id
    where
        pairs.outcome = 'current'
        and pairs.preferred_outcome = 'current'
        and retracted_works.work_id is null
        and preferred_retracted_works.work_id is null

),

merged_works as (

    select
        source,
        work_id,
        preferred_source,
        preferred_work_id,
        preferred_year,
        title_overlap
    from ranked_pairs
    where not is_different and pair_rank = 1

),

-- What a record merges into may itself merge into a more preferred one.
merge_chains as (

    select
        source,
        work_id,
        preferred_source,
        preferred_work_id,
        preferred_year,
        title_overlap
    from merged_works

    union all

    select
        chains.source,
        chains.work_id,
        merged_works.preferred_source,
        merged_works.preferred_work_id,
        merged_works.preferred_year,
        chains.title_overlap
    from merge_chains as chains
    inner join merged_works
        on
            chains.preferred_source = merged_works.source
            and chains.preferred_work_id = merged_works.work_id

),

-- The counted work a record merges into, else the one whose DOI it has under another title. Both are said of
-- the version that is current within its source, not of older ones.
links as (

    select
        chains.source,
        chains.work_id,
        chains.preferred_source,
        chains.preferred_work_id,
        chains.preferred_year,
        chains.title_overlap,
        'merged' as relation,
        'current' as outcome
    from merge_chains as chains
    left join merged_works
        on
            chains.preferred_source = merged_works.source
            and chains.preferred_work_id = merged_works.work_id
    where merged_works.work_id is null

    union all

    select
        pairs.source,
        pairs.work_id,
        pairs.preferred_source,
        pairs.preferred_work_id,
        pairs.preferred_year,
        pairs.title_overlap,
        'different_title' as relation,
        pairs.outcome
    from ranked_pairs as pairs
    left join merged_works
        on
            pairs.source = merged_works.source
            and pairs.work_id = merged_works.work_id
    where pairs.is_different and pairs.pair_rank = 1 and merged_works.work_id is null

),

compared_outcomes as (

    select
        outcomes.*,
        links.relation,
        links.preferred_source,
        links.preferred_work_id,
        links.preferred_year,
        links.title_overlap,
        -- In METHOD's order, being retracted comes before these reasons of its own.
        retracted_works.work_id is not null
        and (
            outcomes.outcome = 'current'
            or (outcomes.outcome = 'out_of_scope' and outcomes.reason in ('paratext', 'xpac', 'no_authors'))
        ) as is_retracted_elsewhere
    from own_outcomes as outcomes
    left join retracted_works
        on
            outcomes.source = retracted_works.source
            and outcomes.work_id = retracted_works.work_id
    left join links
        on
            outcomes.source = links.source
            and outcomes.work_id = links.work_id
            and outcomes.outcome = links.outcome

)

select
    drop_version,
    drop_id,
    source,
    work_id,
    doi,
    publication_year,
    content_hash,
    file,
    position,
    case
        when is_retracted_elsewhere then 'out_of_scope'
        when outcome = 'current' and relation = 'merged' then 'merged'
        else outcome
    end as outcome,
    case
        when is_retracted_elsewhere then 'retracted'
        when outcome = 'current' and relation = 'merged' then 'doi'
        else reason
    end as reason,
    relation,
    preferred_source as counted_source,
    preferred_work_id as counted_work_id,
    preferred_year as counted_year,
    title_overlap
from compared_outcomes
