{#-
The rows of `judged_snapshots` as the last resolution left them, as a table expression.

That model is built after `source_outcomes`, which needs its former content: a reference would be a circle.
When a run breaks off between the two, the works are held against the snapshot once more.
-#}
{% macro previously_judged_snapshots() %}
    {%- set judged = adapter.get_relation(this.database, this.schema, "judged_snapshots") if execute -%}
    {%- if judged -%}
        {{ judged }}
    {%- else -%}
        (select source, drop_version from {{ ref("latest_snapshots") }} where false)
    {%- endif -%}
{% endmacro %}
