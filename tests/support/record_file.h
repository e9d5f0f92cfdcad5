/*
** The file of a recording (record.h): answers as lines, and found again.
**
** Threads: what takes a struct rs_tape is safe from any; a struct rs_answer is one thread's.
*/
#ifndef RS_TESTS_RECORD_FILE_H
#define RS_TESTS_RECORD_FILE_H
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/engine/engine.h"

struct rs_tape; /* a file that is written, or one that was read */

/* What was asked. Borrows. */
struct rs_question {
  const char *op, *sql;
  const struct rs_value *params;
  size_t nparams;
};

/* An answer. Of one found on a tape everything belongs to the tape. */
struct rs_answer {
  char *key; /* of the question */
  struct rs_columns columns;
  const struct rs_value *values; /* row by row */
  size_t nrows;
  int64_t affected;
  const char *text; /* the version; NULL: none */
  enum rs_code code;
  const char *error; /* RS_OK: NULL */
  bool cut;          /* there were more rows */
  bool given;        /* replayed already */
};

/* What the first line says. */
struct rs_tape_head {
  const char *engine, *dialect;
  unsigned caps;
  double request_cost;
};

enum rs_code rs_tape_create(const char *path, const struct rs_tape_head *head, struct rs_tape **pt,
                            struct rs_error *e);
enum rs_code rs_tape_read(const char *path, struct rs_tape_head *head, struct rs_tape **pt,
                          struct rs_error *e);
void rs_tape_close(struct rs_tape *t); /* NULL is fine */

/*
** One line: begun, filled, ended. rows: a line that is begun holds an open "rows" when columns are
** given; each row is added in between.
*/
void rs_tape_begin(struct rs_buf *line, const struct rs_question *q, const struct rs_columns *c);
void rs_tape_add_row(struct rs_buf *line, const struct rs_value *v, size_t n);
/* Ends the line with `affected` (-2: none), `text` (may be NULL), the error, and writes it. Frees
** the buffer. */
enum rs_code rs_tape_end(struct rs_tape *t, struct rs_buf *line, const struct rs_answer *a,
                         struct rs_error *e);

/* The next answer to the question that was not given yet; RS_NOT_FOUND names it. Borrowed from the
** tape. */
enum rs_code rs_tape_find(struct rs_tape *t, const struct rs_question *q,
                          const struct rs_answer **pa, struct rs_error *e);
#endif
