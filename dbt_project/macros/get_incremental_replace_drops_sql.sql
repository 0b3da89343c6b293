{#- Incremental strategy `replace_drops`: rows of drop versions that are no longer active go, new ones come. -#}
{% macro get_incremental_replace_drops_sql(arg_dict) %}
    {{ return(replace_rows(
        arg_dict,
        "drop_version not in (select drop_version from " ~ source("control", "active_drops") ~ ")"
    )) }}
{% endmacro %}
