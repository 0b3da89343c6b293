{#-
The stored records of a set of files, as a table expression.

`files_sql` selects the paths (column `path`) from the control tables. It runs when the model is compiled
for execution, so that the engine is given the files themselves and opens no others: cost follows the
change. With no file the store's zero-row file stands in and gives the columns.
-#}
{% macro stored_records(files_sql) %}
    {#- A linter compiles without a store. -#}
    {%- if execute and load_relation(source("control", "record_files")) is not none -%}
        {%- set paths = run_query(files_sql).columns["path"].values() | list -%}
        {%- if not paths -%}
            {%- set paths = run_query("select path from " ~ source("control", "empty_records")).columns["path"].values() | list -%}
        {%- endif -%}
        {{ adapter.dispatch("stored_records_from")(paths) }}
    {%- else -%}
        {{ adapter.dispatch("stored_records_from")([]) }}
    {%- endif -%}
{% endmacro %}

{% macro duckdb__stored_records_from(paths) %}
    {%- set quoted = [] -%}
    {%- for path in paths -%}
        {%- do quoted.append("'" ~ path | replace("'", "''") ~ "'") -%}
    {%- endfor -%}
    (
        select
            stored.*,
            files.drop_version
        from read_parquet([{{ quoted | join(", ") }}], hive_partitioning = false, filename = 'path') as stored
        inner join {{ source("control", "record_files") }} as files
            on stored.path = files.path
    )
{%- endmacro %}
