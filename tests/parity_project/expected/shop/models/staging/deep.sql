with  __dbt__cte__late as (


select 2026 as y, 'nobody' as o -- "commons"."late"
), a as (select * from __dbt__cte__late)
select * from a join "commons_util_commons"."um" u on true
join "s"."snap" on commons.x