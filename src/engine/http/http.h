/*
** A session that talks HTTP, which Rockset and Trino share: its client and a second one that stops
** and cleans up, cancel, waits, answers that are read whole, the log of tries.
**
** A session's impl begins with a struct rs_remote: these functions find it there. Below it is
** net/http.h; above it nobody but engines calls it.
**
** Threads: rs_remote_cancel runs on any thread, all else on the session's I/O thread (rs_remote_do
** on the caller's, which it puts there). Memory: rs_remote_open's is freed by rs_remote_close.
** Blocking: until the network answers; a cancel ends it (RS_CANCELLED), but not what the calm
** client does. Errors: the network's and the service's, with the origin in front.
*/
#ifndef RS_ENGINE_HTTP_HTTP_H
#define RS_ENGINE_HTTP_HTTP_H
#include <cjson/cJSON.h>
#include <pthread.h>
#include "src/engine/io.h"
#include "src/engine/slots.h"
#include "src/net/http.h"

/* A client of the target's server. tries: 0 = the engine's default. Returns owned. */
typedef enum rs_code (*rs_remote_client)(struct rs_session *s, int tries, struct rs_http **ph,
                                         struct rs_error *e);

struct rs_remote {
  struct rs_http *http;
  struct rs_http *calm; /* stops statements, cleans up: no cancel reaches it; made when needed */
  rs_remote_client client;
  pthread_mutex_t mutex;
  pthread_cond_t wake;
  bool cancelled;       /* guarded by mutex */
  int64_t cancelled_ms; /* rs_now_ms() then; guarded, too */
  bool unanswered; /* a try of the request at hand was sent and got no answer, or a gateway's */
};

struct rs_remote *rs_remote_of(const struct rs_session *s);
/* Fills the zeroed *x, which is s->impl's beginning; free it whatever came out. */
enum rs_code rs_remote_open(struct rs_session *s, rs_remote_client client, int tries,
                            struct rs_error *e);
void rs_remote_close(struct rs_remote *x);

/* Ends the transfer and wakes whoever waits; the I/O thread then tells the server (slots.h). */
void rs_remote_cancel(struct rs_session *s);
/* Forgets a cancel that came too late. */
void rs_remote_begin(struct rs_session *s);
/* RS_CANCELLED since rs_remote_begin. */
enum rs_code rs_remote_check(struct rs_session *s, struct rs_error *e);
/* Waits so long, or RS_CANCELLED. */
enum rs_code rs_remote_sleep(struct rs_session *s, int64_t ms, struct rs_error *e);
/* On the caller's thread: runs fn as a job, a cancel before it forgotten. */
enum rs_code rs_remote_do(struct rs_session *s, rs_io_fn fn, void *arg, struct rs_error *e);

#define RS_REMOTE_CALM_MS 500 /* of all that is done after a cancel: the user waits for it */
/* The second client. *ms (may be NULL): what is left of that for a request, in the end a little. */
enum rs_code rs_remote_calm(struct rs_session *s, struct rs_http **client, int64_t *ms,
                            struct rs_error *e);

/* Reads the open answer to its end into body, whose limit holds, and ends the exchange. */
enum rs_code rs_remote_read(struct rs_http *client, struct rs_buf *body, struct rs_error *e);
/* The beginning of a text that is no error object, a proxy's page, say, as one line. */
void rs_remote_first_line(const struct rs_buf *body, char *out, size_t cap);

/* Takes a member that stands beside the rows of an answer. */
typedef enum rs_code (*rs_remote_member_fn)(void *ctx, const char *name, const cJSON *v,
                                            struct rs_error *e);
/* Of rs_json_options.member (json/rows.h): parses the member and gives it to fn, if `wanted`, which
** ends with NULL, names it. */
enum rs_code rs_remote_member(const char *const *wanted, rs_remote_member_fn fn, void *ctx,
                              const char *name, const char *json, size_t n, struct rs_error *e);

/* A member's text, or NULL. */
const char *rs_remote_text(const cJSON *object, const char *name);

/* rs_http_options.on_retry, with the session as its ctx: notes the try in the log. */
void rs_remote_retry(void *ctx, const struct rs_http_retry *r);
/* An entry of the session's log. error: NULL, or a note. */
void rs_remote_log(struct rs_session *s, const char *sql, int64_t started_us, int64_t wall_us,
                   int64_t rows, int64_t bytes, const char *error);
/* Adds the columns of `from`. */
enum rs_code rs_remote_copy_columns(const struct rs_columns *from, struct rs_columns *to,
                                    struct rs_error *e);
/* A buffer for each column, for what is made of its value until the next row. NULL: out of memory.
*/
struct rs_buf *rs_remote_scratch(size_t n);
void rs_remote_free_scratch(struct rs_buf *scratch, size_t n); /* NULL is fine */
/* Makes bytes of a base64 text, in scratch; what is none stays text. False: out of memory. */
bool rs_remote_bytes(struct rs_buf *scratch, struct rs_value *v);
/* Batches of JSON rows (json/rows.h; slots.h). */
void rs_remote_free_batch(struct rs_rows *rows, void *batch);
#endif
