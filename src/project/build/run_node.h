/*
** Running one node, whatever it is: what rs_materialize is for models, seeds and snapshots, these
** are for data tests, unit tests, sources (freshness) and hooks.
**
** All fill *r (rs_result_free) whatever happens, and block. Threads: any number at a time over one
** project, each with a session of its own.
*/
#ifndef RS_PROJECT_BUILD_RUN_NODE_H
#define RS_PROJECT_BUILD_RUN_NODE_H
#include "materialize.h"

/* By the node's type. */
void rs_node_run(const struct rs_materialize *m, struct rs_result *r);
void rs_test_run(const struct rs_materialize *m, struct rs_result *r);      /* test.c */
void rs_unit_test_run(const struct rs_materialize *m, struct rs_result *r); /* unit_test.c */
/* Is a source one that rockset_freshness looks at? */
bool rs_freshness_asked(const struct rs_node *n);
void rs_freshness_run(const struct rs_materialize *m, struct rs_result *r); /* freshness.c */
/* A hook or an operation: its text is rendered and sent. `names` as in project/names/context.h, may
** be NULL. */
void rs_hook_run(const struct rs_materialize *m, struct rs_result *r);

/* A seed's rows in place of its table (seed.c). *rows: how many. */
enum rs_code rs_seed_build(struct rs_session *s, const struct rs_project *p,
                           const struct rs_node *n, int64_t *rows, struct rs_error *e);

/* Sends rendered text: one statement; several where the project is trusted; none when it is blank.
** `what` opens errors. (hook.c) */
enum rs_code rs_hook_send(struct rs_session *s, const struct rs_project *p,
                          const struct rs_buf *text, const char *what, struct rs_error *e);

/* What on-run-end sees of a run (hook_names.c): one of `results`; the result's schema added to the
** list `schemas` or, as a pair, `database_schemas`, unless it is there. */
jv rs_hook_result(struct rs_context *c, const struct rs_result *r);
void rs_hook_schema(struct rs_context *c, jv list, bool pairs, const struct rs_result *r);

/* ---- for these files ------------------------------------------------------------------------ */

void rs_result_begin(const struct rs_materialize *m, struct rs_result *r, int64_t *start_us);
/* rc other than RS_OK makes it an error (or skipped, when it was cancelled). */
void rs_result_end(struct rs_result *r, enum rs_code rc, const struct rs_error *e,
                   int64_t start_us);
/* What is built lies in the target's own database, or in one that it reaches. */
enum rs_code rs_check_database(const struct rs_materialize *m, const char *kind,
                               struct rs_error *e);
/* The options of an evaluation for m. */
void rs_run_context(const struct rs_materialize *m, struct rs_context_options *opt);
/* One text of a config dict; `otherwise` where it is absent or no text. */
const char *rs_config_text(jv dict, const char *key, const char *otherwise);
/* Rows of one query of stored text, which is proved; returned owned (rs_rows_close). */
enum rs_code rs_run_query(struct rs_session *s, const struct rs_project *p, const char *sql,
                          size_t n, const char *what, struct rs_rows **pr, struct rs_error *e);
#endif
