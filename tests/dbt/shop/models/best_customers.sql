{{ config(
    materialized='query_lambda',
    tags=['live'],
    parameters=[
      {'name': 'least', 'type': 'float', 'value': '20'},
      {'name': 'city', 'type': 'string', 'value': 'London'},
    ]
) }}
select name, revenue from {{ ref('revenue') }}
where revenue >= :least and city = :city
order by revenue desc
