/*
** SQL functions and read-only tables over the session and its target.
**
** FILES. session.c (profile, trust, lockdown, settings), relations.c (load, exec, workspaces,
** collections), lambdas.c (aliases, query lambdas), query_vtab.c (rockset_query and
** rockset_query_lambda as tables), catalog_tables.c (what the target holds, the log), debug.c,
** attach.c, backup.c, translate.c (Rockset SQL as the engine's). Each opens with the manual of what
** it makes.
** CALLERS. The entry point registers them; SQLite calls them.
** MEMORY. A call's texts lie in its own arena; a catalog table collects its rows, a query streams
** them.
** THREADS. The connection's own. Most block on the engine, and end early after
** sqlite3_interrupt().
** ERRORS. "<function>: ...".
*/
#ifndef RS_EXT_FUNCTIONS_FUNCTIONS_H
#define RS_EXT_FUNCTIONS_FUNCTIONS_H

struct rs_conn;

/* Each returns SQLite's code. */
int rs_functions_register(struct rs_conn *c); /* session.c */
int rs_relations_register(struct rs_conn *c);
int rs_lambdas_register(struct rs_conn *c);
int rs_query_register(struct rs_conn *c);
int rs_catalog_register(struct rs_conn *c);
int rs_debug_register(struct rs_conn *c);
int rs_attach_register(struct rs_conn *c);
int rs_backup_register(struct rs_conn *c);
int rs_help_register(struct rs_conn *c); /* help.c */
int rs_translate_register(struct rs_conn *c);
#endif
