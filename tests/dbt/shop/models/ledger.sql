{{ config(materialized='incremental', unique_key='_id') }}
select concat('l', order_id) as _id, order_id, amount, {{ cents('amount') }} as cents
from {{ ref('stg_orders') }}
{% if is_incremental() %}
where order_id > (select max(order_id) from {{ this }})
{% endif %}
