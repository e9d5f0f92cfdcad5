/*
** Parsed templates. Immutable and counted: any number of threads may run one at the same time, each
** on an evaluation of its own (jinja.h).
*/
#ifndef RS_JINJA_PARSE_TEMPLATE_H
#define RS_JINJA_PARSE_TEMPLATE_H
#include <stddef.h>
#include "src/base/error.h"

struct rs_template;

/*
** Parses `n` bytes of text. `name` is what errors call it ("model delays"). Both are copied.
** Returns owned in *pt (rs_template_release).
*/
enum rs_code rs_template_parse(const char *name, const char *text, size_t n,
                               struct rs_template **pt, struct rs_error *e);
void rs_template_retain(struct rs_template *t);
void rs_template_release(struct rs_template *t);
const char *rs_template_name(const struct rs_template *t);
/* The i-th top-level macro's name, NULL past the last. Materializations, tests and docs blocks too,
** under dbt's mangled names (materialization_NAME_ADAPTER, test_NAME). */
const char *rs_template_macro(const struct rs_template *t, size_t i);

#endif
