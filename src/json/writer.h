/*
** Writing JSON answers, and cutting request bodies into documents.
**
** The writer appends to an rs_buf (sticky error: check once) and sets commas by itself. `key` NULL:
** an element of an array. A NULL text becomes null.
**
** Pure functions; nothing blocks.
*/
#ifndef RS_JSON_WRITER_H
#define RS_JSON_WRITER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "src/base/buf.h"

void rs_js_open(struct rs_buf *b, const char *key, char bracket); /* '{' or '[' */
void rs_js_close(struct rs_buf *b, char bracket);                 /* '}' or ']' */
void rs_js_text(struct rs_buf *b, const char *key, const char *text);
void rs_js_printf(struct rs_buf *b, const char *key, const char *fmt, ...)
  __attribute__((format(printf, 3, 4)));
void rs_js_int(struct rs_buf *b, const char *key, int64_t v);
void rs_js_bool(struct rs_buf *b, const char *key, bool v);
/* JSON text as it is; NULL: null. */
void rs_js_raw(struct rs_buf *b, const char *key, const char *json);

/* "2026-11-21T08:15:30Z" of microseconds since 1970. */
void rs_js_time(int64_t us, char out[40]);

/*
** A value's end: p[i] begins a JSON value (no blanks in front); returns the index behind it, 0 when
** the text up to n holds none. Brackets, strings, numbers and words are checked; at most `depth`
** nested levels.
*/
size_t rs_js_skip(const char *p, size_t n, size_t i, int depth);
/* The index of the next byte that is not blank. */
size_t rs_js_blank(const char *p, size_t n, size_t i);
#endif
