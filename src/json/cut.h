/*
** JSON that comes in pieces, cut into documents: objects, one behind the other, with commas, line
** ends or nothing between them, or in arrays. Every digit stays, and nothing is kept but the
** document that is being read.
**
** Threads: one at a time. Nothing here blocks but the callback. Errors: RS_INVALID tells the byte
** and the document, RS_LIMIT becomes one; the callback's code ends the cutting.
*/
#ifndef RS_JSON_CUT_H
#define RS_JSON_CUT_H
#include <stdint.h>
#include "src/base/buf.h"
#include "src/base/error.h"

struct rs_json_cut {
  /* One document, borrowed: whole and well-formed. Anything but RS_OK ends the cutting. */
  enum rs_code (*take)(void *ctx, const char *json, size_t n, struct rs_error *e);
  void *ctx;
  uint64_t documents; /* how many there were */
  /* the rest is the cutter's own */
  struct rs_buf b; /* the document that is being read */
  uint64_t at;     /* bytes in front of this piece */
  int depth;       /* of brackets within it; 0: outside */
  int arrays;      /* around it */
  bool in_string, escaped;
};

/* most: bytes of a document. Free it whatever comes out. */
void rs_json_cut_init(struct rs_json_cut *x, size_t most);
/* The next bytes. */
enum rs_code rs_json_cut_piece(struct rs_json_cut *x, const char *p, size_t n, struct rs_error *e);
/* Was it whole? */
enum rs_code rs_json_cut_end(struct rs_json_cut *x, struct rs_error *e);
void rs_json_cut_free(struct rs_json_cut *x);
#endif
