/*
** `modules`: the parts of Python's library that dbt hands to templates. Each function makes the
** module as a dict, in j's arena. Included by src/project/names_*.c and their kin.
*/
#ifndef RS_PROJECT_NAMES_MODULES_H
#define RS_PROJECT_NAMES_MODULES_H
#include "names.h"

jv rs_module_re(struct rs_jinja *j);        /* names_re.c */
jv rs_module_itertools(struct rs_jinja *j); /* names_itertools.c */
jv rs_module_datetime(struct rs_jinja *j);  /* datetime.c */
jv rs_module_pytz(struct rs_jinja *j);      /* timezone.c */
#endif
