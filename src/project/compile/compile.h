/*
** Compiling: a model's text with execute = true, and the ephemeral models it refers to as CTEs in
** front of it, as dbt injects them.
**
** Threads: any number at a time over one project. Blocks only where a template asks the engine.
*/
#ifndef RS_PROJECT_COMPILE_COMPILE_H
#define RS_PROJECT_COMPILE_COMPILE_H
#include <stdbool.h>
#include "src/project/graph/graph.h"
#include "src/project/names/names.h"
#include "src/base/buf.h"

struct rs_compiled {
  char *text;     /* as dbt writes it to target/compiled */
  char *sql;      /* the one proven query in it: what is sent, or translated (`rockset`) */
  char *warnings; /* of exceptions.warn; NULL = none */
  bool rockset;   /* it is in Rockset's dialect, and the target's is another one */
};

/* Texts are returned owned (rs_compiled_free). opt->execute must be true. */
enum rs_code rs_compile(const struct rs_context_options *opt, struct rs_compiled *out,
                        struct rs_error *e);
void rs_compiled_free(struct rs_compiled *c);

/* The query as it is sent: of a text in Rockset's dialect what becomes of it, in *t
** (rs_translated_free), which is all zero else. text: compiled->text. Errors name the node. */
enum rs_code rs_compiled_query(struct rs_session *s, const struct rs_project *p,
                               const struct rs_node *n, const char *text, bool rockset,
                               struct rs_translated *t, struct rs_error *e);

/* ---- what parses ---------------------------------------------------------------------------- */

/* Exposures, metrics ... after the models (entries.c): RS_NOT_FOUND for a ref to nothing. With
** keep_bad entry->node->bad is set. */
enum rs_code rs_entries_parse(struct rs_project *p, struct rs_error *e);
/* The inventory of the project and of its rows (inventory.c): tests, unit tests and analyses that
** are no nodes of the project are rendered for what they refer to. Returns owned in *pi
** (rs_inventory_free). */
enum rs_code rs_inventory_of_rows(struct rs_project *p, const struct rs_row_store *rows,
                                  struct rs_inventory **pi, struct rs_error *e);

/* ---- render ---------------------------------------------------------------------------------- */

/*
** Rendering any text for itself: dbt's base context (what dbt_project.yml sees), no project behind
** it.
**
**   struct rs_render_options opt = {.context = "{\"n\": 1}", .execute = true};
**   rs_render_text("{{ n + 1 }}", 11, &opt, &out, &e);
**
** Names of later layers (ref, this, adapter ...) are an error that says so, unless the caller's
** context or macros define them. Blocks nothing, touches no engine; the environment only as far as
** env_var may. Errors: "template line 1, column 4: ...", "macro 1 line ...", "context: ...".
*/

struct rs_render_options {
  const char *context; /* a JSON object: names of the template; NULL = none */
  const char *vars;    /* a JSON object for var(); NULL = none */
  const char *env;     /* a JSON object that env_var reads instead of the environment; NULL = it */
  const char *macros;  /* JSON: a text that defines macros, or an array of such; NULL = none */
  bool execute;        /* false: as dbt's parse-time pass, with its Undefined */
  bool native;         /* the value as JSON, not its text */
  bool trusted;        /* env_var may read more than DBT_* */
  void (*say)(const char *text); /* log(..., info=true) and print(); may be NULL */
  bool (*is_interrupted)(void *ctx);
  void *interrupt_ctx;
};

/* Appends the text to `out`, or with `native` the JSON of the value. */
enum rs_code rs_render_text(const char *text, size_t n, const struct rs_render_options *opt,
                            struct rs_buf *out, struct rs_error *e);

#endif
