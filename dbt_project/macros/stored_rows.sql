{#-
The rows of a set of Parquet files of the store, as a table expression with what the control table says of
their file.

`files_sql` selects the paths (column `path`) from the control tables. It runs when the model is compiled
for execution, so that the engine is given the files themselves and opens no others: cost follows the
change. With no file a zero-row file stands in and gives the columns.

`files` is the control table that lists all such files, `empty` the one that names the zero-row file; `keys`
are the columns they are joined by, `columns` those taken from the control table.
-#}
{% macro stored_rows(files_sql, files, empty, keys=["path"], columns=["drop_version"]) %}
    {%- set paths = [] -%}
    {#- A linter compiles without a store. -#}
    {%- if execute and load_relation(files) is not none -%}
        {%- set paths = run_query(files_sql).columns["path"].values() | list -%}
        {%- if not paths -%}
            {%- set paths = run_query("select path from " ~ empty).columns["path"].values() | list -%}
        {%- endif -%}
    {%- endif -%}
    {{ adapter.dispatch("stored_rows_from")(paths, files, keys, columns) }}
{% endmacro %}

{% macro duckdb__stored_rows_from(paths, files, keys, columns) %}
    {%- set quoted = [] -%}
    {%- for path in paths -%}
        {%- do quoted.append("'" ~ path | replace("'", "''") ~ "'") -%}
    {%- endfor -%}
    (
        select
            stored.*,
            files.{{ columns | join(", files.") }}
        from read_parquet([{{ quoted | join(", ") }}], hive_partitioning = false, filename = 'path') as stored
        inner join {{ files }} as files
            on {% for key in keys %}stored.{{ key }} = files.{{ key }}{{ " and " if not loop.last }}{% endfor %}
    )
{%- endmacro %}
