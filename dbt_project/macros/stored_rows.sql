{#-
The rows of a set of Parquet files of the store, as a table expression with their `drop_version`.

`files_sql` selects the paths (column `path`) from the control tables. It runs when the model is compiled
for execution, so that the engine is given the files themselves and opens no others: cost follows the
change. With no file a zero-row file stands in and gives the columns.

`files` is the control table that lists all such files, `empty` the one that names the zero-row file.
-#}
{% macro stored_rows(files_sql, files, empty) %}
    {%- set paths = [] -%}
    {#- A linter compiles without a store. -#}
    {%- if execute and load_relation(files) is not none -%}
        {%- set paths = run_query(files_sql).columns["path"].values() | list -%}
        {%- if not paths -%}
            {%- set paths = run_query("select path from " ~ empty).columns["path"].values() | list -%}
        {%- endif -%}
    {%- endif -%}
    {{ adapter.dispatch("stored_rows_from")(paths, files) }}
{% endmacro %}

{% macro duckdb__stored_rows_from(paths, files) %}
    {%- set quoted = [] -%}
    {%- for path in paths -%}
        {%- do quoted.append("'" ~ path | replace("'", "''") ~ "'") -%}
    {%- endfor -%}
    (
        select
            stored.*,
            files.drop_version
        from read_parquet([{{ quoted | join(", ") }}], hive_partitioning = false, filename = 'path') as stored
        inner join {{ files }} as files
            on stored.path = files.path
    )
{%- endmacro %}
