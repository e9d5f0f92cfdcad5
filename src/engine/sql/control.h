/*
** The control plane of SQL engines: what engine/control.h asks for, kept in the target itself.
**
** Everything is a document in one table of a schema that users don't see:
**
**   _rockset.entities(kind, workspace, name, sub, body, changed_at)
**
** Each database that is reached has a table of its own: a transaction of DuckDB writes to one of
** them only, and a file that is attached here may be another target's.
**
** body is JSON text; kind, workspace, name and sub are its key ('' where a kind has no such part).
** The table is made by the first write, never by a read. Statements on it are plain SQL.
**
** Names of relations and workspaces match as the engine folds them; all else exactly.
**
** Threads, blocking, errors: as the session functions of engine/engine.h. Writes take part in the
** session's transaction, or are one of their own.
*/
#ifndef RS_ENGINE_SQL_CONTROL_H
#define RS_ENGINE_SQL_CONTROL_H
#include "src/base/arena.h"
#include "src/json/json.h"
#include "src/engine/control.h"
#include "sql.h"

/* ---- documents (control.c) --------------------------------------------------------------- */

/* The document of a whole key, its texts in the arena; RS_NOT_FOUND without a text when there is
** none. */
enum rs_code rs_sql_control_get(struct rs_session *s, const struct rs_control_doc *key,
                                struct rs_arena *a, struct rs_control_doc *out, struct rs_error *e);
/* Adds or replaces the document (changed_at is set). */
enum rs_code rs_sql_control_put(struct rs_session *s, const struct rs_control_doc *doc,
                                struct rs_error *e);
/* Removes those that match; none is no error, and then nothing is written. */
enum rs_code rs_sql_control_remove(struct rs_session *s, const struct rs_control_doc *filter,
                                   struct rs_error *e);
/* Those that match, by kind, workspace, name, sub. Texts are borrowed for the call, which may use
** the session. */
enum rs_code rs_sql_control_each(struct rs_session *s, const struct rs_control_doc *filter,
                                 rs_control_fn fn, void *ctx, struct rs_error *e);

/* The same where the table of documents is known to exist. */
enum rs_code rs_sql_control_each_known(struct rs_session *s, const struct rs_control_doc *filter,
                                       rs_control_fn fn, void *ctx, struct rs_error *e);

/* What goes when a relation does: its documents of the relation kinds. */
enum rs_code rs_sql_control_forget(struct rs_session *s, const struct rs_relation *rel,
                                   struct rs_error *e);
/* "2026-11-21T08:15:30Z" */
void rs_sql_control_now(char out[24]);
/* Adds `"key":"text"` (null for NULL) to a JSON object under way. */
void rs_sql_control_member(struct rs_buf *b, const char *key, const char *text);

/* ---- aliases (alias.c) ------------------------------------------------------------------- */

/*
** An alias is a view `SELECT * FROM collection`, or one of several collections' documents
** (rs_doc_several_sql), and a document that says so; both change in one transaction. A name that
** has only one of the two is no alias.
*/
struct rs_sql_aliased {
  struct rs_relation *v; /* in the arena */
  size_t n;              /* 0: it is no alias */
};
enum rs_code rs_sql_aliases(struct rs_session *s, const char *workspace, rs_alias_fn fn, void *ctx,
                            struct rs_error *e);
enum rs_code rs_sql_put_alias(struct rs_session *s, const struct rs_alias *a, enum rs_put put,
                              struct rs_error *e);
/* What an alias stands for. Looks at the document only. */
enum rs_code rs_sql_alias_of(struct rs_session *s, const struct rs_relation *alias,
                             struct rs_arena *a, struct rs_sql_aliased *out, struct rs_error *e);
/* Appends the text of its view. */
enum rs_code rs_sql_alias_text(struct rs_session *s, const struct rs_sql_aliased *to,
                               struct rs_arena *a, struct rs_buf *b, struct rs_error *e);
/* The collection may have other columns now: makes the views of aliases of several anew. */
enum rs_code rs_sql_alias_follow(struct rs_session *s, const struct rs_relation *collection,
                                 struct rs_error *e);
/* RS_CONSTRAINT when an alias stands for the collection. */
enum rs_code rs_sql_alias_refuse(struct rs_session *s, const struct rs_relation *collection,
                                 struct rs_error *e);
/* Drops the aliases of other workspaces that stand for a collection of this one. */
enum rs_code rs_sql_alias_drop_into(struct rs_session *s, const char *database,
                                    const char *workspace, struct rs_error *e);
/* Those of another database, unless that is NULL. */
enum rs_code rs_sql_aliases_in(struct rs_session *s, const char *database, const char *workspace,
                               rs_alias_fn fn, void *ctx, struct rs_error *e);

/* ---- query lambdas (lambda.c), documents (documents.c): engine/control.h's funct
** */

enum rs_code rs_sql_lambdas(struct rs_session *s, enum rs_lambda_list what,
                            const struct rs_relation *of, rs_lambda_fn fn, void *ctx,
                            struct rs_error *e);
enum rs_code rs_sql_lambda_find(struct rs_session *s, const struct rs_lambda_ref *ref,
                                struct rs_arena *a, struct rs_lambda *out, struct rs_error *e);
enum rs_code rs_sql_lambda_put(struct rs_session *s, struct rs_lambda *l, enum rs_put put,
                               struct rs_arena *a, struct rs_error *e);
enum rs_code rs_sql_lambda_tag(struct rs_session *s, const struct rs_relation *lambda,
                               const char *tag, const char *version, struct rs_error *e);
enum rs_code rs_sql_lambda_drop(struct rs_session *s, const struct rs_lambda_ref *ref,
                                struct rs_error *e);
enum rs_code rs_sql_lambda_query(struct rs_session *s, const struct rs_lambda_ref *ref,
                                 const struct rs_named_param *params, size_t n, struct rs_rows **pr,
                                 struct rs_error *e);
enum rs_code rs_sql_write(struct rs_session *s, const struct rs_relation *rel, enum rs_write_op op,
                          struct rs_document *docs, size_t n, struct rs_arena *a,
                          const char **offset, struct rs_error *e);
enum rs_code rs_sql_input(struct rs_session *s, struct rs_document *docs, size_t n,
                          struct rs_arena *a, struct rs_doc_rows *out, struct rs_error *e);

struct rs_control_ops;
extern const struct rs_control_ops rs_sql_control_ops;
#endif
