/*
** Files of sql/ that are compiled into the binary: schema.sql, migrate-N.sql, macros/... .
** The table is generated at build time (embedded.c) in order of name.
*/
#ifndef RS_BASE_EMBEDDED_H
#define RS_BASE_EMBEDDED_H
#include <stddef.h>

struct rs_embedded {
  const char *name; /* path below sql/: "schema.sql", "macros/is_incremental.sql" */
  const char *text; /* NUL-terminated */
  size_t size;
};
extern const struct rs_embedded rs_embedded[];
extern const size_t rs_embedded_count;

/* The page of rockset_docs_generate, gzipped; size 0: built without it. Generated (docs.c). */
extern const unsigned char rs_docs_page[];
extern const size_t rs_docs_page_size;

/* NULL when there is no such file. */
const struct rs_embedded *rs_embedded_find(const char *name);
#endif
