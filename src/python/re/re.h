/*
** `modules.re` between re.c (patterns and functions) and re_match.c (matches): Python's
** re over regex.h. All values live in the arena of their evaluation; nothing blocks.
*/
#ifndef RS_PYTHON_RE_RE_H
#define RS_PYTHON_RE_RE_H
#include "src/python/native.h"
#include "regex.h"

struct rs_re_pattern {
  struct rs_regex *re;
  jv source;
};

/* A text as code points; positions in a match count these. */
struct rs_re_subject {
  jv text;
  const char *s; /* its UTF-8 */
  size_t bytes;
  const uint32_t *cp;
  size_t n;
};

struct rs_re_match {
  const struct rs_re_pattern *p;
  const struct rs_re_subject *subject;
  int64_t *regs;
  size_t pos, end;
};

enum rs_re_mode { RS_RE_SEARCH, RS_RE_MATCH, RS_RE_FULLMATCH };

struct rs_re_scan {
  struct rs_python *j;
  const struct rs_re_pattern *p;
  const struct rs_re_subject *subject;
  size_t at, end;
  bool advance; /* the match before was empty: one at the same position may not be */
  enum rs_re_mode mode;
  int64_t *regs;
};

extern const struct jv_class rs_re_pattern_class; /* of struct rs_re_pattern */

/* Appends the code points from .. to of a text. */
void rs_re_put(const struct rs_re_subject *s, int64_t from, int64_t to, struct rs_buf *b);
enum rs_code rs_re_part(struct rs_python *j, const struct rs_re_subject *s, int64_t from,
                        int64_t to, jv *out, struct rs_error *e);
/* What the scan has found, as a value; pos: where the search began. */
enum rs_code rs_re_match_value(const struct rs_re_scan *s, size_t pos, jv *out, struct rs_error *e);
/* The text of a group (0: of all); `otherwise` where it took no part. */
enum rs_code rs_re_group(struct rs_python *j, const struct rs_re_match *m, int group, jv otherwise,
                         jv *out, struct rs_error *e);
/* The text; with one group, its text; with several, theirs as a tuple. */
enum rs_code rs_re_match_texts(struct rs_python *j, const struct rs_re_match *m, jv *out,
                               struct rs_error *e);
/* A template with \1, \g<name> and \n for one match. */
enum rs_code rs_re_expand(struct rs_python *j, const struct rs_re_match *m, const char *template,
                          struct rs_buf *b, struct rs_error *e);
#endif
