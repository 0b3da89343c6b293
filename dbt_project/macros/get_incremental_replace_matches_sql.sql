{#- Incremental strategy `replace_matches`: those of inactive drop versions and of former queries go, new ones come. -#}
{% macro get_incremental_replace_matches_sql(arg_dict) %}
    {{ return(replace_rows(
        arg_dict,
        "(drop_version, technology, digest) not in (select drop_version, technology, digest from "
        ~ source("control", "match_files") ~ ")"
    )) }}
{% endmacro %}
