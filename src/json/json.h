/*
** JSON: which is for what.
**
**   cJSON                    configuration and protocol, where no number needs more than a double:
**                            profiles, requests, an engine's answers about itself
**   struct rs_json           the tree below, which keeps every digit: documents, parameters, vars,
**                            what the control plane stores. 64-bit integers stay whole
**   struct rs_json_rows      rows of results while they arrive (rows.h): no tree, one batch in
**                            memory. cells.h is the fast way into its batches, scan.h the scanner
**                            below, which also cuts a request's body into documents
**   rs_js_*                  the writer of answers below; rs_buf_json_* (base/buf.h) write one text
**                            or number, rs_json_unescape (base/text.h) reads an escaped text
**
** All are pure functions on memory, used by one thread at a time; only struct rs_json_rows blocks,
** in its source. A tree lies in its arena, a text in its buffer. Errors: a code and a text, or
** sticky in the buffer.
*/
#ifndef RS_JSON_JSON_H
#define RS_JSON_JSON_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/buf.h"

/* ---- the tree (tree.c) ----------------------------------------------------------------------- */

/*
** JSON as a tree that keeps every digit: documents that are written, and what the control plane
** stores. Row data of results never comes here (they stream).
**
** A number is its text, so that an integer of 64 bits and a decimal pass unchanged. Strings are
** decoded UTF-8, not NUL-terminated. Members keep their order; of a repeated name the last counts.
**
** Ownership: nodes lie in the arena given; strings without escapes and numbers borrow from the text
** parsed, which must outlive the tree. Pure functions on memory; nothing blocks.
*/

enum rs_json_kind { RS_J_NULL, RS_J_BOOL, RS_J_NUMBER, RS_J_STRING, RS_J_ARRAY, RS_J_OBJECT };

struct rs_json {
  enum rs_json_kind kind;
  bool truth;    /* of a RS_J_BOOL */
  const char *p; /* a number's text, a string's bytes */
  size_t n;      /* bytes at p; children of an array or object */
  struct rs_json *first, *last;
  /* as a child */
  const char *key; /* its name, in an object */
  size_t nkey;
  struct rs_json *next;
  unsigned mark; /* free for who works on the tree; 0 at first, copied */
};

/*
** Parses exactly one JSON text; *out lies in the arena. RS_INVALID tells what is wrong and at which
** byte (1-based); RS_LIMIT: nested deeper than max_depth.
*/
enum rs_code rs_json_parse(const char *text, size_t n, size_t max_depth, struct rs_arena *a,
                           struct rs_json **out, struct rs_error *e);
/* Appends the value as JSON text. */
void rs_json_write(struct rs_buf *b, const struct rs_json *j);

/* The last member of that name; NULL: none, or no object. */
struct rs_json *rs_json_get(const struct rs_json *object, const char *key);
struct rs_json *rs_json_getn(const struct rs_json *object, const char *key, size_t n);
/* A member that is a string, NUL-terminated in the arena; *out = NULL: there is none. False: out of
** memory. */
bool rs_json_text(const struct rs_json *object, const char *key, struct rs_arena *a,
                  const char **out);
/* Is the number an integer of 64 bits (no point, no exponent)? */
bool rs_json_int(const struct rs_json *number, int64_t *out);
/* A member that is such a number, 0: there is none; one that is true. */
int64_t rs_json_member_int(const struct rs_json *object, const char *key);
bool rs_json_member_flag(const struct rs_json *object, const char *key);
bool rs_json_is(const struct rs_json *string, const char *text);

/* New nodes; NULL when out of memory. rs_json_new_string borrows p. */
struct rs_json *rs_json_new(struct rs_arena *a, enum rs_json_kind kind);
struct rs_json *rs_json_new_string(struct rs_arena *a, const char *p, size_t n);
/* A deep copy; strings are shared. */
struct rs_json *rs_json_copy(struct rs_arena *a, const struct rs_json *j);
/* Puts a node that has no parent at the end. */
void rs_json_add(struct rs_json *parent, struct rs_json *child);
/* Takes `child` out of its parent; it may be NULL. */
void rs_json_remove(struct rs_json *parent, struct rs_json *child);

/* ---- the writer (writer.c) ------------------------------------------------------------------- */

/*
** The writer appends to an rs_buf (sticky error: check once) and sets commas by itself. `key` NULL:
** an element of an array. A NULL text becomes null.
**
** Pure functions; nothing blocks.
*/

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
#endif
