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
#ifndef RS_PROJECT_COMPILE_RENDER_H
#define RS_PROJECT_COMPILE_RENDER_H
#include <stdbool.h>
#include "src/base/buf.h"

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
