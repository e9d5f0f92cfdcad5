/*
** Where CTEs go into a statement, and where a statement of several ends.
**
** Pure functions over borrowed text; nothing blocks, any thread.
*/
#ifndef RS_SQL_CTE_H
#define RS_SQL_CTE_H
#include <stdbool.h>
#include <stddef.h>
#include "dialect.h"
#include "src/base/buf.h"

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
