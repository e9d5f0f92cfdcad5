/*
** SQL functions and tables over the stored project: dbt's commands.
**
** FILES. store_sqlite.c, rows_sqlite.c and state_sqlite.c read and write the tables of
** rockset_init; nodes.c loads a project; run_vtab.c, run_job.c, commands.c, push_source.c and
** record.c run a command; functions.c (init, compile, materialize), functions_nodes.c (ls, graph,
** lineage, plan), compile_vtab.c, diff.c, artifacts.c, import.c, operation.c and render.c open with
** the manual of what they make; docs.c, docs_file.c and docs_generate.c make pages.
** CALLERS. The entry point registers them; SQLite calls them.
** MEMORY. A call owns its project and an arena; results of a run live until its cursor is closed.
** THREADS. The connection's own; a job's workers (src/project/build) touch no SQLite connection.
** ERRORS. A text about a node says which; others open with the function's name.
*/
#ifndef RS_EXT_MODELS_MODELS_H
#define RS_EXT_MODELS_MODELS_H

struct rs_conn;

/* Each returns SQLite's code. */
int rs_models_register(struct rs_conn *c); /* functions.c */
int rs_nodes_register(struct rs_conn *c);  /* functions_nodes.c */
int rs_artifacts_register(struct rs_conn *c);
int rs_docs_register(struct rs_conn *c); /* docs_generate.c */
int rs_diff_register(struct rs_conn *c);
int rs_import_register(struct rs_conn *c);
int rs_render_register(struct rs_conn *c);
int rs_run_register(struct rs_conn *c);
int rs_operation_register(struct rs_conn *c);
int rs_compile_register(struct rs_conn *c);
#endif
