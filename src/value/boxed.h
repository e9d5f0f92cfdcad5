/*
** A field whose values have several types: a typed main column, and beside it the sidecar, a column
** of tagged texts for the values that the main column can't hold. A tagged text is a letter (enum
** rs_boxed_tag) and behind it the value's one canonical text, so that equal values are equal texts:
**
**   n  null                  d  date       2020-01-02             m  months        40
**   s  string   any text     c  datetime   2020-01-02 03:04:05.5  u  microseconds  -1500000
**   i  int      -7           h  time       03:04:05               y  bytes, in base64
**   f  float    2.5, 1e+20   z  timestamp  as c, in UTC           g  geography, its GeoJSON
**   b  bool     0 or 1       a  array      [1,"x"]                v  u256, its digits
**   ~  see below             o  object     {"k":1}
**
** Where the sidecar is NULL the main column's value counts, and where that is NULL too the field is
** undefined. `i` alone: the main column's float is an int. `a` and `o` alone: the main column's
** text is the array's or object's JSON. `~` has an array's or object's exact JSON, of which the
** main column can't tell everything. Inside of JSON, values without a JSON form are typed values:
** {"__rockset_type": "DATE", "value": "2020-01-02"}.
**
** Pure functions. What is read borrows from what it was read from. engine/documents writes these
** texts (rs_doc_box).
*/
#ifndef RS_VALUE_BOXED_H
#define RS_VALUE_BOXED_H
#include "src/base/buf.h"
#include "src/base/scratch.h"
#include "value.h"

#define RS_BOXED_SIDE "~x" /* behind the name of the main column */

/* The length of the main column's name in a sidecar's; 0: it is no sidecar's name. */
size_t rs_boxed_side_of(const char *name);
/* Takes the sidecars out of a relation's columns, and notes in their main columns that they are
** there. texts: columns of texts hold values of several types that way. */
void rs_boxed_fold(struct rs_columns *c, bool texts);

/* Has it that column, or had it before its sidecars were taken out? */
bool rs_boxed_has(const struct rs_columns *c, const char *name);

enum rs_boxed_tag {
  RS_BOXED_MAIN = 0, /* no tagged text: the main column's value */
  RS_BOXED_UNDEFINED = 1,
  RS_BOXED_NULL = 'n',
  RS_BOXED_STRING = 's',
  RS_BOXED_INT = 'i',
  RS_BOXED_FLOAT = 'f',
  RS_BOXED_BOOL = 'b',
  RS_BOXED_DATE = 'd',
  RS_BOXED_DATETIME = 'c',
  RS_BOXED_TIME = 'h',
  RS_BOXED_TIMESTAMP = 'z',
  RS_BOXED_MONTHS = 'm',
  RS_BOXED_MICROS = 'u',
  RS_BOXED_BYTES = 'y',
  RS_BOXED_GEOGRAPHY = 'g',
  RS_BOXED_U256 = 'v',
  RS_BOXED_ARRAY = 'a',
  RS_BOXED_OBJECT = 'o',
  RS_BOXED_EXACT = '~'
};

/* v: an int (of intervals, too), float or bool; of MAIN the main column's; else what follows the
** tag, RS_JSON where that is JSON. */
struct rs_boxed {
  enum rs_boxed_tag tag;
  struct rs_value v;
};

/* Reads a field's two columns. False: the sidecar holds no such text. Of JSON only the brackets are
** checked. */
bool rs_boxed_read(const struct rs_value *main, const struct rs_value *side, struct rs_boxed *out);
/*
** The value as a column of its type gives it (value.h); *type is that type, untouched for MAIN.
** What must be formatted lies in the scratch. False: out of memory.
*/
bool rs_boxed_value(const struct rs_boxed *x, struct rs_scratch *s, enum rs_type *type,
                    struct rs_value *v);
/* Appends the value as exact JSON, typed values in their wrapped form; undefined as null. Not for
** MAIN, whose type the caller knows. */
void rs_boxed_json(struct rs_buf *b, const struct rs_boxed *x);

/* ---- kinds of values ------------------------------------------------------------------------- */

#define RS_BOXED_KINDS 17u
/* Of a kind by its number: its tag, and what Rockset calls such a value ("exact" of ~). */
enum rs_boxed_tag rs_boxed_tag_of(unsigned i);
const char *rs_boxed_kind_name(unsigned i);
#endif
