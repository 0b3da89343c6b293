{{ config(materialized="incremental", incremental_strategy="replace_touched_years") }}

-- What the record that counts says of each paper of `top_papers`, once: a paper stands there for many pairs
-- and technologies.

select
    works.year,
    works.source,
    works.work_id,
    works.title,
    works.doi,
    works.authors,
    works.cited_by_count
from {{ ref("stg_current_works") }} as works
where
    exists (
        select 1
        from {{ ref("top_papers") }} as papers
        where
            papers.year = works.year
            and papers.source = works.source
            and papers.work_id = works.work_id
    )
