{#-
The index of collaboration of two countries on full counts, of the US National Center for Science and
Engineering Statistics: IC = (C_xy / C_x) / (C_y / C_w), symmetrical in x and y.

`joint` are papers of both, `international_a`, `international_b` and `international_world` papers of two or
more countries of each and of the world. Taking the sum of a country's joint papers for C_x counts papers of
three countries twice and gives another index.
-#}
{% macro collaboration_index(joint, international_a, international_b, international_world) -%}
    (cast({{ joint }} as double) * {{ international_world }})
    / nullif(cast({{ international_a }} as double) * {{ international_b }}, 0)
{%- endmacro %}
