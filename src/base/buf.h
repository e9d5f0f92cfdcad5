/*
** A growing text buffer with a mandatory maximum and a sticky error: append freely, check once.
**
** After the first failure (out of memory: RS_NOMEM, maximum reached: RS_LIMIT) every append is a
** no-op and b.rc keeps the code. b.p is NUL-terminated whenever it is not NULL.
**
** Ownership: rs_buf_free frees; rs_buf_take moves the block out (returns owned, rs_free).
*/
#ifndef RS_BASE_BUF_H
#define RS_BASE_BUF_H
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include "error.h"

struct rs_buf {
  char *p;
  size_t n, cap, max;
  enum rs_code rc;
};

#define RS_BUF_SQL_MAX ((size_t)64 << 20) /* the longest statement or template output we make */

/* An empty buffer of at most `max` bytes. Allocates nothing. */
void rs_buf_init(struct rs_buf *b, size_t max);
void rs_buf_free(struct rs_buf *b);
/* Empties it, keeps the block, clears the error. */
void rs_buf_clear(struct rs_buf *b);
void rs_buf_add(struct rs_buf *b, const char *p, size_t n);
void rs_buf_str(struct rs_buf *b, const char *s);
void rs_buf_char(struct rs_buf *b, char c);
void rs_buf_int(struct rs_buf *b, int64_t v); /* in decimal */
void rs_buf_printf(struct rs_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void rs_buf_vprintf(struct rs_buf *b, const char *fmt, va_list ap);
/* Room for n more bytes at the end; NULL on failure. The caller writes there and then adds to
** b->n itself. */
char *rs_buf_reserve(struct rs_buf *b, size_t n);
/* The text, never NULL ("" when empty). Borrowed until the next change. */
const char *rs_buf_text(const struct rs_buf *b);
/* Returns owned text (never NULL on RS_OK), leaves b empty; NULL when b holds an error (freed). */
char *rs_buf_take(struct rs_buf *b);
/* b->rc as an error: RS_OK, or fills e with `what` (e.g. "compiled SQL") and the cause. */
enum rs_code rs_buf_error(const struct rs_buf *b, struct rs_error *e, const char *what);

/* JSON text: a quoted and escaped string (invalid UTF-8 becomes U+FFFD), and a number that reads
** back as the same double (NaN and infinities become null). */
void rs_buf_json_str(struct rs_buf *b, const char *p, size_t n);
void rs_buf_json_double(struct rs_buf *b, double v);
/* JSON piece by piece, each with a comma in front where one belongs: behind anything but an opening
** bracket, a colon or nothing. The comma alone; a text of a list; `"key":`, which a value follows;
** a member that is a text (NULL: null). */
void rs_buf_json_comma(struct rs_buf *b);
void rs_buf_json_item(struct rs_buf *b, const char *text);
void rs_buf_json_key(struct rs_buf *b, const char *key);
void rs_buf_json_member(struct rs_buf *b, const char *key, const char *text);
#endif
