/*
** Compiling: a model's text with execute = true, and the ephemeral models it refers to as CTEs in
** front of it, as dbt injects them.
**
** Threads: any number at a time over one project. Blocks only where a template asks the engine.
*/
#ifndef RS_PROJECT_COMPILE_COMPILE_H
#define RS_PROJECT_COMPILE_COMPILE_H
#include "context.h"

struct rs_compiled {
  char *text;     /* as dbt writes it to target/compiled */
  char *sql;      /* the one proven query in it: what is sent */
  char *warnings; /* of exceptions.warn; NULL = none */
};

/* Texts are returned owned (rs_compiled_free). opt->execute must be true. */
enum rs_code rs_compile(const struct rs_context_options *opt, struct rs_compiled *out,
                        struct rs_error *e);
void rs_compiled_free(struct rs_compiled *c);

/*
** The CTEs `__dbt__cte__NAME` put into a statement (cte.c): after its first WITH [RECURSIVE], or as
** a new WITH in front of its first token, which may be a comment. ctes: " NAME as (\nSQL\n)" each.
*/
struct rs_cte {
  const char *text;
  size_t n;
};
void rs_cte_inject(const char *sql, size_t n, const struct rs_dialect *d, const struct rs_cte *ctes,
                   size_t nctes, struct rs_buf *out);
/* Where the first statement of a text ends: behind its `;`, or n. */
size_t rs_statement_end(const char *sql, size_t n, const struct rs_dialect *d);
/* Is there anything but space and `;`? (Comments are something.) */
bool rs_statement_blank(const char *sql, size_t n);
#endif
