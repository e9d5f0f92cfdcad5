/*
** `modules`: the parts of Python's library that dbt hands to templates. Each function makes the
** module as a dict, in j's arena. Included by src/project/names_*.c and their kin.
*/
#ifndef RS_PYTHON_MODULES_H
#define RS_PYTHON_MODULES_H
#include "native.h"

jv rs_module_re(struct rs_python *j);        /* python/re/re.c */
jv rs_module_itertools(struct rs_python *j); /* itertools.c */
jv rs_module_datetime(struct rs_python *j);  /* python/datetime/datetime.c */
jv rs_module_pytz(struct rs_python *j);      /* python/datetime/timezone.c */
#endif
