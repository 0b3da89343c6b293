{#- The stored matches of the files `files_sql` selects, with the digest of their query; see `stored_rows`. -#}
{% macro stored_matches(files_sql) %}
    {{- stored_rows(
        files_sql,
        source("control", "match_files"),
        source("control", "empty_matches"),
        keys=["path", "technology"],
        columns=["drop_version", "digest"]
    ) -}}
{% endmacro %}
