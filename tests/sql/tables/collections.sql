-- rockset_create_workspace, _drop_workspace, _create_collection, _drop_collection, _drop_view
.mode list
.separator ' | '
.nullvalue NULL
.headers off
SELECT rockset_create_workspace('sales');
SELECT rockset_create_workspace('sales');
SELECT rockset_create_collection('sales.orders');
SELECT rockset_create_collection('sales.orders');
SELECT rockset_create_collection('fresh.one');
SELECT rockset_create_collection('plain');
SELECT rockset_create_collection('"my ws"."a.b ""c"""');
SELECT name FROM rockset_workspaces ORDER BY 1;
SELECT workspace, name FROM rockset_collections ORDER BY 1, 2;
SELECT relation, position, name, type FROM rockset_columns WHERE workspace = 'sales';

.print -- a view is no collection
SELECT rockset_exec('create view sales.v as select 1 as one') IS NOT '';
SELECT workspace, name FROM rockset_views;
SELECT rockset_drop_collection('sales.v');
SELECT rockset_drop_view('sales.orders');

.print -- names that are not there
SELECT rockset_drop_collection('sales.order');
SELECT rockset_drop_view('sales.w');
SELECT rockset_drop_collection('nowhere.t');
SELECT rockset_drop_workspace('sale');

.print -- a workspace that holds something
SELECT rockset_drop_workspace('sales');
SELECT rockset_drop_view('sales.v');
SELECT rockset_drop_collection('sales.orders');
SELECT rockset_drop_workspace('sales');
SELECT rockset_drop_workspace('fresh', 1);
SELECT rockset_drop_workspace('my ws', 1);
SELECT workspace, name FROM rockset_collections ORDER BY 1, 2;

.print -- wrong arguments
SELECT rockset_create_workspace(NULL);
SELECT rockset_create_workspace('a.b');
SELECT rockset_create_workspace('_rockset');
SELECT rockset_drop_workspace('plain', 2);
SELECT rockset_drop_workspace('plain', 'cascade');
SELECT rockset_create_collection(x'00');
SELECT rockset_create_collection('a' || char(0) || 'b');
SELECT rockset_drop_collection(NULL);
SELECT rockset_drop_view(5);

.print -- an open transaction
BEGIN;
SELECT rockset_create_workspace('t');
SELECT rockset_drop_workspace('t');
SELECT rockset_create_collection('t');
SELECT rockset_drop_collection('plain');
SELECT rockset_drop_view('plain');
COMMIT;
SELECT rockset_drop_collection('plain');
