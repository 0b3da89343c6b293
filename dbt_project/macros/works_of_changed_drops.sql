{#-
The works whose set of versions is not what it was when this model last ran, as a query: source, work_id.

`versions` holds the versions as they are now. A drop that came is not in the model's table yet, one that
left is still in it; the first run and a changed rule take all works.
-#}
{% macro works_of_changed_drops(versions) %}
    select
        source,
        work_id
    from {{ versions }}
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
{% endmacro %}
