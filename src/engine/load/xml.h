/*
** XML read as a stream by libexpat, which is opened when it is first needed. Documents with a DTD
** are refused: entities of one may stand for any amount of text.
**
** Threads: one at a time. Errors: RS_INVALID with the line; RS_UNSUPPORTED: no libexpat.
*/
#ifndef RS_ENGINE_LOAD_XML_H
#define RS_ENGINE_LOAD_XML_H
#include <stddef.h>
#include "src/base/error.h"

/* Names come without their prefix. Anything but RS_OK ends the reading with that code. */
struct rs_xml_handler {
  enum rs_code (*begin)(void *ctx, const char *name, const char **attributes, struct rs_error *e);
  enum rs_code (*end)(void *ctx, const char *name, struct rs_error *e);
  enum rs_code (*text)(void *ctx, const char *p, size_t n, struct rs_error *e); /* in pieces */
};

struct rs_xml;
enum rs_code rs_xml_new(const struct rs_xml_handler *h, void *ctx, struct rs_xml **out,
                        struct rs_error *e);
/* The next bytes; a rs_gunzip_sink, ctx the rs_xml. */
enum rs_code rs_xml_take(void *ctx, const char *p, size_t n, struct rs_error *e);
/* Was it whole? */
enum rs_code rs_xml_end(struct rs_xml *x, struct rs_error *e);
void rs_xml_free(struct rs_xml *x); /* NULL is fine */
/* NULL: it has none of that name, whatever its prefix. */
const char *rs_xml_attribute(const char **attributes, const char *name);
#endif
