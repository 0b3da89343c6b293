{{ config(materialized="incremental", incremental_strategy="replace_works") }}

-- Version, then scope (METHOD sections 4 and 5). Only works whose set of versions changed are resolved
-- again; their other versions are read from `work_versions`, never from the record store.

with

changed_works as (

    select
        source,
        work_id
    from {{ ref("work_versions") }}
    {% if is_incremental() %}
        where
            drop_version not in (select distinct known.drop_version from {{ this }} as known)
            or (select scope.resolve_all from {{ source("control", "scope") }} as scope)

        union

        select
            source,
            work_id
        from {{ this }}
        where
            drop_version not in (
                select active.drop_version
                from {{ source("control", "active_drops") }} as active
            )
    {% else %}
        group by source, work_id
    {% endif %}

),

-- The greatest version counts whatever the order of arrival. Identical records are told apart by where they
-- lie, so that the outcome of each is settled, too.
ranked_versions as (

    select
        versions.*,
        row_number() over (
            partition by versions.source, versions.work_id
            order by
                versions.updated_date desc nulls last,
                versions.stated_date desc nulls last,
                versions.content_hash desc,
                versions.drop_id desc,
                versions.file desc,
                versions.position desc
        ) as version_rank
    from {{ ref("work_versions") }} as versions
    inner join changed_works
        on
            versions.source = changed_works.source
            and versions.work_id = changed_works.work_id

),

-- The first reason that applies, in METHOD's order.
scoped_versions as (

    select
        versions.*,
        case
            when types.scope_type is null then 'document_type'
            when
                versions.publication_year is null
                or versions.publication_year not between scope.start_year and scope.end_year
                then 'publication_year'
            when versions.is_retracted then 'retracted'
            when versions.is_paratext then 'paratext'
            when versions.is_xpac then 'xpac'
            when versions.authors = 0 then 'no_authors'
        end as exclusion
    from ranked_versions as versions
    cross join {{ source("control", "scope") }} as scope
    left join {{ ref("document_types") }} as types
        on
            versions.source = types.source
            and versions.document_type = types.document_type

)

select
    drop_version,
    drop_id,
    source,
    work_id,
    publication_year,
    content_hash,
    file,
    position,
    case
        when version_rank > 1 then 'superseded'
        when exclusion is not null then 'out_of_scope'
        else 'current'
    end as outcome,
    case
        when version_rank > 1 then ''
        else coalesce(exclusion, '')
    end as reason
from scoped_versions
