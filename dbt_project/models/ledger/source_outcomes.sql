{{ config(materialized="incremental", incremental_strategy="replace_works") }}

-- What becomes of each record within its own source: version, retirement, then scope (METHOD sections 3 to
-- 5). Only works whose set of versions changed are resolved again, and those that a snapshot retires or gives
-- back; their other versions are read from `work_versions`, never from the record store.

{% set snapshot_files %}
    select files.path
    from {{ source("control", "id_files") }} as files
    inner join {{ ref("latest_snapshots") }} as snapshots
        on files.drop_version = snapshots.drop_version
{% endset %}

with

changed_works as (

    {{ works_of_changed_drops(ref("work_versions")) }}

),

{% if is_incremental() %}
    -- Sources whose works were last held against another snapshot than now, or against none.
    turned_sources as (

        select coalesce(latest.source, judged.source) as source
        from {{ ref("latest_snapshots") }} as latest
        full outer join {{ previously_judged_snapshots() }} as judged
            on latest.source = judged.source
        where coalesce(latest.drop_version, '') != coalesce(judged.drop_version, '')

    ),

    judged_works as (

        select
            source,
            work_id
        from changed_works

        union

        select
            source,
            work_id
        from {{ ref("work_versions") }}
        where source in (select turned.source from turned_sources as turned)

    ),
{% else %}
    judged_works as (

        select
            source,
            work_id
        from changed_works

    ),
{% endif %}

-- What a source holds: the ids listed with its snapshot, else the works in it.
held_works as (

    select
        snapshots.source,
        ids.work_id
    from {{ stored_ids(snapshot_files) }} as ids
    inner join {{ ref("latest_snapshots") }} as snapshots
        on ids.drop_version = snapshots.drop_version

    union all

    select
        versions.source,
        versions.work_id
    from {{ ref("work_versions") }} as versions
    inner join {{ ref("latest_snapshots") }} as snapshots
        on versions.drop_version = snapshots.drop_version
    where
        versions.drop_version not in (
            select files.drop_version
            from {{ source("control", "id_files") }} as files
        )

),

-- Held by its source no more, and not seen since either.
retired_works as (

    select
        versions.source,
        versions.work_id
    from judged_works
    inner join {{ ref("latest_snapshots") }} as snapshots
        on judged_works.source = snapshots.source
    inner join {{ ref("work_versions") }} as versions
        on
            judged_works.source = versions.source
            and judged_works.work_id = versions.work_id
    left join held_works
        on
            judged_works.source = held_works.source
            and judged_works.work_id = held_works.work_id
    where held_works.work_id is null
    group by versions.source, versions.work_id
    having
        max(
            case
                when
                    coalesce(versions.stated_date, cast(versions.updated_date as date))
                    > snapshots.stated_date
                    then 1
                else 0
            end
        ) = 0

),

{% if is_incremental() %}
    newly_retired_works as (

        select
            source,
            work_id
        from retired_works

        except

        select
            source,
            work_id
        from {{ this }}
        where outcome = 'retired'

    ),

    works_given_back as (

        select
            source,
            work_id
        from {{ this }}
        where
            outcome = 'retired'
            and source in (select turned.source from turned_sources as turned)

        except

        select
            source,
            work_id
        from retired_works

    ),
{% endif %}

works_to_resolve as (

    select
        source,
        work_id
    from changed_works
    {% if is_incremental() %}
        union

        select
            source,
            work_id
        from newly_retired_works

        union

        select
            source,
            work_id
        from works_given_back
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
    inner join works_to_resolve
        on
            versions.source = works_to_resolve.source
            and versions.work_id = works_to_resolve.work_id

),

-- Types are looked up once a distinct list, not once a record.
type_lists as (

    select distinct
        source,
        document_types
    from ranked_versions

),

listed_types as (

    select
        source,
        document_types,
        {{ explode("document_types") }} as document_type
    from type_lists

),

-- A record may have several types: one that qualifies suffices.
type_lists_in_scope as (

    select distinct
        listed_types.source,
        listed_types.document_types
    from listed_types
    inner join {{ ref("document_types") }} as types
        on
            listed_types.source = types.source
            and listed_types.document_type = types.document_type

),

-- The first reason that applies, in METHOD's order.
scoped_versions as (

    select
        versions.*,
        retired_works.work_id is not null as is_retired,
        case
            when types.document_types is null then 'document_type'
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
    left join type_lists_in_scope as types
        on
            versions.source = types.source
            and versions.document_types = types.document_types
    left join retired_works
        on
            versions.source = retired_works.source
            and versions.work_id = retired_works.work_id

)

select
    drop_version,
    drop_id,
    source,
    work_id,
    case when version_rank = 1 then doi end as doi,
    publication_year,
    content_hash,
    file,
    position,
    case
        when version_rank > 1 then 'superseded'
        when is_retired then 'retired'
        when exclusion is not null then 'out_of_scope'
        else 'current'
    end as outcome,
    case
        when version_rank > 1 or is_retired then ''
        else coalesce(exclusion, '')
    end as reason
from scoped_versions
