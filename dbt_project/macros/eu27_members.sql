{#- The members of EU-27, as a query for `in (...)`: who is left out where EU-27 stands in their place. -#}
{% macro eu27_members() -%}
    select members.country from {{ ref("country_groups") }} as members where members.group_set = 'eu27'
{%- endmacro %}
