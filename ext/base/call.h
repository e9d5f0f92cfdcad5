/*
** One call of an SQL function that works on the target: the same beginning, the same end.
**
**   struct rs_call c;
**   rs_call_init(&c, ctx, "rockset_drop_view");
**   enum rs_code rc = rs_call_relation(&c, argv[0], "name", &rel);
**   if (rc == RS_OK) rc = rs_call_open(&c);
**   if (rc == RS_OK) rc = rs_session_...(c.session, &rel, &c.e);
**   rs_call_end(&c, rc, 1);
**
** Every call that was begun is ended, once. Texts read by it lie in its arena.
*/
#ifndef RS_EXT_BASE_CALL_H
#define RS_EXT_BASE_CALL_H
#include "src/base/arena.h"
#include "connection.h"

struct rs_call {
  sqlite3_context *ctx;
  struct rs_conn *conn;
  const char *fn; /* the function's SQL name */
  struct rs_session *session;
  struct rs_arena arena;
  struct rs_error e;
};

void rs_call_init(struct rs_call *c, sqlite3_context *ctx, const char *fn);
/* c->session to write with. RS_BUSY between BEGIN and COMMIT. */
enum rs_code rs_call_open(struct rs_call *c);
/* c->session to read with, also between BEGIN and COMMIT. */
enum rs_code rs_call_open_reader(struct rs_call *c);
/* The relation (or query lambda) that an argument names. */
enum rs_code rs_call_relation(struct rs_call *c, sqlite3_value *v, const char *name,
                              struct rs_relation *rel);
/* Reports an error or gives `result` (-1: NULL), and ends the call. */
void rs_call_end(struct rs_call *c, enum rs_code rc, sqlite3_int64 result);
/* The same with a text (NULL: NULL); json: it gets SQLite's JSON subtype. */
void rs_call_end_text(struct rs_call *c, enum rs_code rc, const char *text, bool json);
#endif
