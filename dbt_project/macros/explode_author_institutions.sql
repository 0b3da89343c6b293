{#-
One row an author of each work and institution of theirs, as a query: year, source, work_id, authors,
institution (id, name, country), share. An author's share is split equally over their institutions; one
without any has one row, without an institution.
-#}
{% macro explode_author_institutions(works) %}
    {{- return(adapter.dispatch("explode_author_institutions")(works)) -}}
{% endmacro %}

{% macro duckdb__explode_author_institutions(works) %}
    select
        year,
        source,
        work_id,
        authors,
        institutions[place + 1] as institution,
        cast(1 as double) / greatest(len(places), 1) as share
    from (
        select
            *,
            unnest(case when len(places) > 0 then places else [null] end) as place
        from (
            select
                year,
                source,
                work_id,
                authors,
                institutions,
                unnest(author_institutions) as places
            from {{ works }}
        )
    )
{% endmacro %}
