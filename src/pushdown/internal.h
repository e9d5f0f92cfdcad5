/*
** Dates and times in comparisons. SQLite compares their texts; an engine that is given texts, too,
** must make one of each value and can skip neither blocks, files nor partitions. So beside a
** comparison of texts goes one of the values themselves, which lets all rows pass that the other
** one may: a superset (deparse.c).
**
** The texts of years 1 to 9999 are ordered as the times are. Those of other years are not
** ('10000-01-01' < '2024-01-01', '0044-03-15 (BC)' > '0044-01-01'): they pass always, where the
** comparison might want them.
*/
#ifndef RS_PUSHDOWN_INTERNAL_H
#define RS_PUSHDOWN_INTERNAL_H
#include <stdbool.h>
#include "src/base/buf.h"
#include "pushdown.h"

/* Can this be compared as a value of the type: a date YYYY-MM-DD; for RS_T_TIMESTAMP that, or a
** date and a time YYYY-MM-DD HH:MM:SS[.ffffff]; for RS_T_TIME a time? */
bool rs_times_fit(enum rs_type type, const struct rs_value *v);
/* Does the operator have such a superset? */
bool rs_times_order(enum rs_op op);
/* Writes it: ("day" >= DATE '2024-01-01' OR "day" < DATE '0001-01-01'). Only when both of these say
** so. `name`: the column as it is written. */
void rs_times_write(struct rs_buf *out, const char *name, enum rs_type type, enum rs_op op,
                    const struct rs_value *v);
#endif
