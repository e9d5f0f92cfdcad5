/*
** One evaluation of one node's template: dbt's names over a Jinja engine of its own.
**
** With execute = false (the parse-time pass) refs, sources and configs are collected and nothing
** else happens; with execute = true refs become relations and templates may ask the engine, through
** the session that the caller hands out when it is first needed.
**
** Threads: one at a time; the project is only read, except in the parse-time pass. Blocks only
** where a template asks the engine.
*/
#ifndef RS_PROJECT_NAMES_NAMES_H
#define RS_PROJECT_NAMES_NAMES_H
#include <pthread.h>
#include "src/engine/engine.h"
#include "src/base/buf.h"
#include "src/project/model/model.h"
#include "src/sql/statement.h"

struct rs_batch;
struct rs_context;
struct rs_rsql_stmt;
struct rs_described;

/* Where an evaluation gets a session from: borrowed by the evaluation. `hold`: of the thread, where
** other threads run nodes of the project, too (project/names/shared_graph.h); may be NULL. */
struct rs_session_source {
  enum rs_code (*get)(void *ctx, struct rs_session **ps, struct rs_error *e);
  void *ctx;
  struct rs_graph_hold *hold;
};

struct rs_context_options {
  struct rs_project *project;
  struct rs_node *node;
  bool execute;
  const char *kind;                  /* a materialization for this call only; NULL = the config's */
  struct rs_session_source sessions; /* .get NULL: templates that ask the engine fail */
  /* A materialization's macros run: a text may hold several statements, each proven by itself. */
  bool builds;
  const struct rs_batch *batch; /* of a microbatch model: what refs are cut to; NULL = all */
  bool shown;                   /* compiled to be read, not sent: need not be a query */
  bool begins;                  /* the first statement with auto_begin opens the transaction */
  bool rockset;                 /* part of a text in Rockset's dialect, whatever the node says */
  bool (*is_interrupted)(void *ctx);
  void *interrupt_ctx;
  /* Names that come before all others; RS_NOT_FOUND: not this one. May be NULL. */
  enum rs_code (*names)(void *ctx, struct rs_context *c, const char *name, size_t n, jv *out,
                        struct rs_error *e);
  void *names_ctx;
};

struct rs_context {
  struct rs_context_options opt;
  struct rs_project *project;
  struct rs_node *node;
  struct rs_python *j;
  const char *schema, *identifier; /* of `this`: not final while parsing */
  jv config;                       /* a dict */
  jv called;                       /* parse: what config() calls said; a dict */
  struct rs_map cache;             /* name -> jv in j's arena: what the resolver made */
  jv results;                      /* dict of store_result() */
  /* parse: what was found */
  struct rs_node_ref *refs;
  size_t nrefs, cap_refs;
  struct rs_node_ref *metrics; /* of metric() */
  size_t nmetrics, cap_metrics;
  /* execute: ephemeral models in the order of their refs, each once */
  struct rs_node **ephemerals;
  size_t nephemerals, cap_ephemerals;
  struct rs_buf warnings; /* of exceptions.warn, one a line */
  bool looks;             /* its session does: rs_session_look */
  bool describes;         /* a description is rendered: doc() is a name */
  /* Since `graph` was read (project/names/shared_graph.h) */
  struct rs_shared_graph *graph;
  struct rs_context *next_retired;
  pthread_t thread; /* whose evaluation it is: a value of it may get to another one */
};

/* Returns owned in *pc (rs_context_free). */
enum rs_code rs_context_new(const struct rs_context_options *opt, struct rs_context **pc,
                            struct rs_error *e);
void rs_context_free(struct rs_context *c);
void rs_context_destroy(
  struct rs_context *c); /* what it holds, at once: for project/names/shared_graph.c only */
/* Renders text given as source, e.g. a hook. */
enum rs_code rs_context_render(struct rs_context *c, const char *name, const char *text, size_t n,
                               struct rs_buf *out, struct rs_error *e);
/* Calls a macro by name with positional arguments; its result as trimmed text in the arena. */
enum rs_code rs_context_macro_text(struct rs_context *c, const char *name, const jv *args, size_t n,
                                   struct rs_arena *arena, const char **out, struct rs_error *e);
/* The same for any macro and value; RS_NOT_FOUND: there is none of that name. */
enum rs_code rs_context_macro(struct rs_context *c, const char *name, const struct jv_args *args,
                              jv *out, struct rs_error *e);
/* The session of this evaluation; RS_INVALID where there is none. */
enum rs_code rs_context_session(struct rs_context *c, struct rs_session **ps, struct rs_error *e);

/* ---- for the files that make names ---------------------------------------------------------- */

/* A global name of dbt's that is a native value. RS_NOT_FOUND: it is none of them.
** (project/names/names.c) */
enum rs_code rs_names_get(struct rs_context *c, const char *name, size_t n, jv *out,
                          struct rs_error *e);
/* project/compile/python.c: parse: the refs, sources and configs of a Python model's text. */
enum rs_code rs_python_read(struct rs_context *c, const char *text, size_t n, struct rs_error *e);
/* test_arguments.c: _dbt_generic_test_kwargs of a generic test: what its macro is called
** with. */
enum rs_code rs_test_kwargs(struct rs_context *c, jv *out, struct rs_error *e);
/* The base names: no error, RS_NOT_FOUND when it is none of them. (project/names/base.c) */
enum rs_code rs_names_base(struct rs_context *c, const char *name, size_t n, jv *out);
jv rs_names_exceptions(struct rs_context *c); /* project/names/errors.c */
NATIVE(rs_names_try);
NATIVE(rs_names_fromyaml); /* project/names/yaml.c */
NATIVE(rs_names_toyaml);
/* dict[key] = text, or none. */
void rs_names_put(struct rs_context *c, jv dict, const char *key, const char *text);
/* The dict `target`, and c's node with all that dbt tells of one (project/names/model.c). */
jv rs_names_model(struct rs_context *c);
/* `model`: the same without what is none, as dbt leaves it out. */
jv rs_names_model_found(struct rs_context *c);
/* `pre_hooks`, `post_hooks` */
jv rs_names_hooks(struct rs_context *c, const struct rs_hook *hooks, size_t n);
/* The node as naming macros are given it: an object. */
jv rs_names_lazy(struct rs_context *c);
/* Lists of what a node refers to, and its fqn, as dbt has them. */
void rs_names_refs(struct rs_context *c, const struct rs_node *n, jv dict, jv parents);
jv rs_names_fqn(struct rs_python *j, const char *fqn);
/* The node n, as `graph` and a result of a run show it. */
jv rs_names_node(struct rs_context *c, struct rs_node *n);
/* A row's column `columns` (JSON, may be NULL) as a dict by name. */
jv rs_names_row_columns(struct rs_context *c, const char *json);
jv rs_names_target(struct rs_context *c);
/* get(key, default): what getitem gave, or the default where it found nothing. */
static inline enum rs_code rs_names_get_or(enum rs_code rc, jv otherwise, jv *out)
{
  if (rc != RS_NOT_FOUND) return rc;
  *out = otherwise.kind != JV_UNDEFINED ? otherwise : jv_none();
  return RS_OK;
}
/* `adapter` and `api` (project/names/adapter.c). */
jv rs_names_adapter(struct rs_context *c);
jv rs_names_api(struct rs_context *c);
/* project/names/runtime.c: ref or source as `builtins` has it: a function that knows the
** project. */
jv rs_names_resolver(struct rs_context *c, jv_native fn);
/* What materializations ask of `adapter`: a method by name, or NULL (project/names/ddl.c). */
struct rs_method;
const struct rs_method *rs_names_ddl(const char *name, size_t n);
/* The columns of a Relation; one without a schema is a temporary one of the session. */
enum rs_code rs_names_relation_columns(struct rs_context *c, jv relation, jv *out,
                                       struct rs_error *e);
/* The columns that a query would give, as rs_names_columns has them. */
enum rs_code rs_names_describe(struct rs_context *c, const struct rs_buf *sql, jv *out,
                               struct rs_error *e);
/* Columns as a list of api.Column. */
jv rs_names_columns(struct rs_context *c, const struct rs_columns *columns);
/* api.Column, and a column of it; size, precision, scale: none where not known
** (project/names/column.c). */
jv rs_names_column_class(struct rs_context *c);
jv rs_column_value(struct rs_context *c, const char *name, const char *dtype, jv size, jv precision,
                   jv scale);
/* parse.c: what was found, as the refs of the node. */
enum rs_code rs_node_keep_refs(struct rs_context *c, struct rs_node *n, struct rs_error *e);
/* `graph`, `selected_resources`, `validation` (project/names/graph.c). */
enum rs_code rs_names_graph(struct rs_context *c, jv *out, struct rs_error *e);
/* c->config over what dbt's config has where nobody says anything (context.c). */
enum rs_code rs_context_defaults(struct rs_context *c, struct rs_error *e);
/* `context`: every name as an item; `builtins`: those that are dbt's own
** (project/names/graph.c). */
jv rs_names_context(struct rs_context *c);
jv rs_names_builtins(struct rs_context *c);
/* What `builtins` has in another form than the context does; RS_NOT_FOUND
** (project/names/names.c). */
enum rs_code rs_names_builtin(struct rs_context *c, const char *name, size_t n, jv *out,
                              struct rs_error *e);
/* One of these three as dbt writes it in manifest.json and `graph`. */
jv rs_semantic_document(const struct rs_project *p, struct rs_python *j, const struct rs_entry *x);
/* The function doc() of such an evaluation; RS_NOT_FOUND: there is no such block. */
NATIVE(rs_names_doc);
jv rs_names_selected(struct rs_context *c);
jv rs_names_validation(struct rs_context *c);
/* load_result and store_result (project/names/adapter.c). */
NATIVE(rs_names_load_result);
NATIVE(rs_names_store_result);
NATIVE(rs_names_store_raw);

/* A Relation object (project/names/relation.c). type: "table", "view", "cte", or NULL; texts are
** copied. */
jv rs_relation_value(struct rs_context *c, const char *database, const char *schema,
                     const char *identifier, const char *type);
/* Only the rows of the context's batch, by a column; where there is no batch or no column all, and
** none at all in an empty run. */
void rs_relation_cut(struct rs_context *c, jv relation, const char *event_time);
/* Its parts (NULL: none); the database only where it is not the target's own. False when v is no
** Relation. */
bool rs_relation_of(jv v, struct rs_relation *rel);
/* The database to look in for what a template calls by this name; NULL: the target's own. */
const char *rs_context_other(const struct rs_context *c, const char *database);
/* Which of its parts are quoted, as a source says: {"identifier": false}. */
void rs_relation_quote(jv v, const char *json);
/* It lies in another database than the target's, and says so. NULL: it does not. */
void rs_relation_database(jv v, const char *database);
/* It prints as that SQL. */
void rs_relation_external(jv v, const char *sql);
/* That SQL; NULL: it prints as its name. */
const char *rs_relation_external_sql(jv v);
/* external.c: keeps a source's config where it says that. c is an evaluation of it. */
enum rs_code rs_external_config(struct rs_context *c, struct rs_node *n, struct rs_error *e);
/* What a source prints that is a local table or files; RS_INVALID: what its meta or config says
** can't be done. */
enum rs_code rs_external_source(struct rs_context *c, const struct rs_node *n, jv relation,
                                struct rs_error *e);
/* "table", "view" ...; NULL when it is no Relation or unknown. */
const char *rs_relation_type(jv v);
/* Relation.create(database=, schema=, identifier=, type=) */
NATIVE(rs_relation_create);
/* The database that relations print in front of their workspace; NULL: none. */
const char *rs_project_database(const struct rs_project *p);
/* Is that the target's own, by whatever name a project of dbt gives it? */
bool rs_project_own_database(const struct rs_project *p, const char *name);
/* Appends a node's relation as templates print it: with its database, quoted as the project (of a
** source: the source) says. */
void rs_project_relation(const struct rs_project *p, struct rs_buf *b, const struct rs_node *n,
                         const char *workspace, const char *identifier);
/* The database that relations carry. */
const char *rs_context_database(const struct rs_context *c);

/* ---- Rockset's dialect (dialect.c) ----------------------------------------------------------- */

/* Is the node's text Rockset SQL for a target that speaks something else? */
bool rs_node_rockset(const struct rs_project *p, const struct rs_node *n);
/* What such a text becomes, and of a materialization's macros nothing: the engine's they are. */
bool rs_context_rockset(const struct rs_context *c);
/* As a template is to see the target: of a text in Rockset's dialect Rockset's. */
const struct rs_traits *rs_context_traits(const struct rs_context *c);
const struct rs_dialect *rs_context_dialect(const struct rs_context *c);
const char *rs_context_type(const struct rs_context *c);

/* A statement on its way to the engine. */
struct rs_translated {
  struct rs_arena arena;
  struct rs_rsql_stmt *stmt;    /* NULL: no Rockset SQL: a statement of the engine's own */
  char *sql;                    /* owned: what is sent. An INSERT INTO: the query of its rows */
  enum rs_sql_kind kind;        /* of sql */
  const struct rs_relation *to; /* of an INSERT INTO: where its rows go; else NULL */
  const char *what, *text;      /* for errors, and what was translated: in the arena */
  size_t n;
  struct rs_described *described;
};
/*
** Translates one statement for the session's engine, and proves it as rs_callable_take does. What
** begins as no statement of Rockset's is the engine's own and stays as it is.
** Always to be freed (rs_translated_free). Errors tell the place in the node's own text where that
** can be found, else in `text`.
*/
enum rs_code rs_translate(struct rs_session *s, const struct rs_project *p, const struct rs_node *n,
                          const char *text, size_t len, const char *what, struct rs_translated *t,
                          struct rs_error *e);
/* The same of a model's query, whose rows become a relation: fields keep their sidecars
** (value/boxed.h), as columns. */
enum rs_code rs_translate_model(struct rs_session *s, const struct rs_project *p,
                                const struct rs_node *n, const char *text, size_t len,
                                const char *what, struct rs_translated *t, struct rs_error *e);
/* Could a query lambda of this text run, whatever its parameters are? RS_INVALID, RS_NOT_FOUND ...
** as of rs_translate. */
enum rs_code rs_translate_check(struct rs_session *s, const struct rs_project *p,
                                const struct rs_node *n, const char *text, const char *what,
                                struct rs_error *e);
/* What the engine says of it becomes an error about the text. Gives e's code. */
enum rs_code rs_translated_explain(const struct rs_translated *t, const struct rs_node *n,
                                   enum rs_code rc, struct rs_error *e);
void rs_translated_free(struct rs_translated *t);
/* Sends it, with no rows wanted: *rows written, -1 unknown; may be NULL. */
enum rs_code rs_translated_exec(struct rs_session *s, const struct rs_translated *t,
                                const struct rs_node *n, int64_t *rows, struct rs_error *e);

/* Lines to whoever watches, as print() gives them; without control characters. */
enum rs_code rs_context_say(struct rs_context *c, const char *text, size_t n, struct rs_error *e);

/* Rows of a query as agate's Table (project/names/table.c); reads `rows` to its end. */
enum rs_code rs_table_value(struct rs_context *c, struct rs_rows *rows, jv *out,
                            struct rs_error *e);
jv rs_table_empty(struct rs_context *c);
/* Its rows as a list of tuples; empty when v is no Table. */
jv rs_table_data(struct rs_context *c, jv v);

#endif
