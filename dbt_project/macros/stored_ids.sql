{#- The complete id sets of the files `files_sql` selects: drop_version, work_id; see `stored_rows`. -#}
{% macro stored_ids(files_sql) %}
    {{- stored_rows(files_sql, source("control", "id_files"), source("control", "empty_ids")) -}}
{% endmacro %}
