{#-
Incremental strategy `replace_works`: works whose set of versions changed. Works present in the new rows are
replaced; works that lost their last version have no new row, so rows of inactive drop versions go as well.
-#}
{% macro get_incremental_replace_works_sql(arg_dict) %}
    {{ return(replace_rows(
        arg_dict,
        "(source, work_id) in (select source, work_id from " ~ arg_dict["temp_relation"] ~ ")"
        ~ " or drop_version not in (select drop_version from " ~ source("control", "active_drops") ~ ")"
    )) }}
{% endmacro %}
