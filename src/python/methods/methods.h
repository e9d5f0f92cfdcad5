/*
** What the files of methods share. Included by methods_*.c only.
*/
#ifndef RS_PYTHON_METHODS_METHODS_H
#define RS_PYTHON_METHODS_METHODS_H
#include "src/python/protocol.h"

#define SHARED_METHOD(name)                                                                  \
  enum rs_code name(struct rs_python *j, jv self, const jv *argv, const struct jv_args *raw, \
                    jv *out)
#define METHOD(name) static SHARED_METHOD(name)
#define UNUSED (void)j, (void)self, (void)argv, (void)raw

/* A str argument, or Python's complaint (str.c). */
enum rs_code need_str(struct rs_python *j, jv v, const struct jv_str **s);

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
/* python/bytes.c */
SHARED_METHOD(s_encode);
/* The bytes of b as a value; frees b. */
enum rs_code bytes_take(struct rs_python *j, struct rs_buf *b, jv *out);
#endif
