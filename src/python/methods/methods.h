/*
** What the files of methods share. Included by methods_*.c only.
*/
#ifndef RS_PYTHON_METHODS_METHODS_H
#define RS_PYTHON_METHODS_METHODS_H
#include "src/python/protocol.h"

/* str_change.c */
SHARED_METHOD(py_s_strip);
SHARED_METHOD(py_s_replace);
SHARED_METHOD(py_s_pad);
SHARED_METHOD(py_s_zfill);
SHARED_METHOD(py_s_removeprefix);
SHARED_METHOD(py_s_removesuffix);
SHARED_METHOD(py_s_expandtabs);
SHARED_METHOD(py_s_translate);
SHARED_METHOD(py_s_maketrans);
SHARED_METHOD(py_s_format);
SHARED_METHOD(py_s_format_map);
#endif
