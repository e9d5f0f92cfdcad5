{{ config(materialized='table') }}
select k.customer, k.name, k.city, count(*) as orders, sum(o.amount) as revenue
from {{ ref('stg_orders') }} o
join {{ ref('known_customers') }} k on k.customer = o.customer
group by k.customer, k.name, k.city
