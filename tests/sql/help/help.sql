-- rockset_help: each function and table has an entry, which names it as it is
.bail off
.mode list
SELECT rockset_help();
SELECT rockset_help('load');
SELECT rockset_help('ROCKSET_QUERY');
SELECT rockset_help('rockset');
SELECT rockset_help('explian');
SELECT rockset_help(1);
SELECT 'functions and tables without an entry:';
SELECT DISTINCT name FROM (SELECT name FROM pragma_function_list UNION SELECT name FROM pragma_module_list)
  WHERE name LIKE 'rockset%' AND name NOT LIKE '%\_module' ESCAPE '\'
    AND rockset_help() NOT LIKE '%' || char(10) || '  ' || name || '(%'
    AND rockset_help() NOT LIKE '%' || char(10) || '  ' || name || ' ->%';
