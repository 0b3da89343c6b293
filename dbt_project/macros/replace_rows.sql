{#-
Delete a window of rows and append its new content, in one transaction.

Deleting by the window, not by the keys of the new rows, is what makes an emptied year and a vanished
pair disappear. `window_sql` is a predicate over the target's columns.
-#}
{% macro replace_rows(arg_dict, window_sql) %}
    {%- set columns = arg_dict["dest_columns"] | map(attribute="quoted") | join(", ") -%}
    delete from {{ arg_dict["target_relation"] }} where {{ window_sql }};

    insert into {{ arg_dict["target_relation"] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict["temp_relation"] }}
{% endmacro %}
