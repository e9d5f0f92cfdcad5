

select 2026 as y, 'nobody' as o -- "commons"."late"