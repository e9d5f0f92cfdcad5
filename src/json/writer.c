/*
** Writing JSON answers (see json.h).
*/
#include "json.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "src/value/text.h"

static void write_name(struct rs_buf *b, const char *key)
{
  if (b->n > 0 && strchr("{[:,", b->p[b->n - 1]) == NULL) rs_buf_char(b, ',');
  if (key == NULL) return;
  rs_buf_json_str(b, key, strlen(key));
  rs_buf_char(b, ':');
}

void rs_js_open(struct rs_buf *b, const char *key, char bracket)
{
  write_name(b, key);
  rs_buf_char(b, bracket);
}

void rs_js_close(struct rs_buf *b, char bracket)
{
  rs_buf_char(b, bracket);
}

void rs_js_text(struct rs_buf *b, const char *key, const char *text)
{
  write_name(b, key);
  if (text == NULL) rs_buf_str(b, "null");
  else rs_buf_json_str(b, text, strlen(text));
}

void rs_js_printf(struct rs_buf *b, const char *key, const char *fmt, ...)
{
  struct rs_buf text;
  va_list ap;
  rs_buf_init(&text, b->max);
  va_start(ap, fmt);
  rs_buf_vprintf(&text, fmt, ap);
  va_end(ap);
  if (text.rc != RS_OK) b->rc = text.rc;
  else rs_js_text(b, key, rs_buf_text(&text));
  rs_buf_free(&text);
}

void rs_js_int(struct rs_buf *b, const char *key, int64_t v)
{
  write_name(b, key);
  rs_buf_int(b, v);
}

void rs_js_bool(struct rs_buf *b, const char *key, bool v)
{
  rs_js_raw(b, key, v ? "true" : "false");
}

void rs_js_raw(struct rs_buf *b, const char *key, const char *json)
{
  write_name(b, key);
  rs_buf_str(b, json != NULL ? json : "null");
}

void rs_js_time(int64_t us, char out[40])
{
  size_t n = rs_text_timestamp(us / 1000000, 1, out);
  out[10] = 'T';
  out[n++] = 'Z';
  out[n] = 0;
}
