/*
** What the files of methods share. Included by methods_*.c only.
*/
#ifndef RS_PYTHON_METHODS_METHODS_H
#define RS_PYTHON_METHODS_METHODS_H
#include "src/python/protocol.h"

/* str_change.c */
SHARED_METHOD(s_strip);
SHARED_METHOD(s_lstrip);
SHARED_METHOD(s_rstrip);
SHARED_METHOD(s_replace);
SHARED_METHOD(s_ljust);
SHARED_METHOD(s_rjust);
SHARED_METHOD(s_center);
SHARED_METHOD(s_zfill);
SHARED_METHOD(s_removeprefix);
SHARED_METHOD(s_removesuffix);
SHARED_METHOD(s_expandtabs);
SHARED_METHOD(s_translate);
SHARED_METHOD(s_maketrans);
SHARED_METHOD(s_format);
SHARED_METHOD(s_format_map);
#endif
