{#-
The works to compare with other sources again, as a query: source, work_id. For incremental runs only.

These are the works that changed within their own source, and every work that has a DOI they have or had:
`works` holds what became of each record within its source, `this` what its outcome was.
-#}
{% macro works_to_compare(works) %}
    with

    -- A work retired or given back is one whose drops need not have changed.
    changed_works as (

        {{ works_of_changed_drops(works) }}

        union

        (
            select
                source,
                work_id
            from {{ works }}
            where outcome = 'retired'

            except

            select
                source,
                work_id
            from {{ this }}
            where outcome = 'retired'
        )

        union

        (
            select
                source,
                work_id
            from {{ this }}
            where outcome = 'retired'

            except

            select
                source,
                work_id
            from {{ works }}
            where outcome = 'retired'
        )

    ),

    -- Those they leave and those they join.
    changed_dois as (

        select before.doi
        from {{ this }} as before
        inner join changed_works
            on
                before.source = changed_works.source
                and before.work_id = changed_works.work_id
        where before.doi is not null

        union

        select outcomes.doi
        from {{ works }} as outcomes
        inner join changed_works
            on
                outcomes.source = changed_works.source
                and outcomes.work_id = changed_works.work_id
        where outcomes.doi is not null

    )

    select
        source,
        work_id
    from changed_works

    union

    select
        source,
        work_id
    from {{ works }}
    where doi in (select changed.doi from changed_dois as changed)
{% endmacro %}
