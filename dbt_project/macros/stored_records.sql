{#- The stored records of the files `files_sql` selects, see `stored_rows`. -#}
{% macro stored_records(files_sql) %}
    {{- stored_rows(files_sql, source("control", "record_files"), source("control", "empty_records")) -}}
{% endmacro %}
