/*
** Inside of the HTTP client: one client's state and what its files offer one another.
**
**   http.c            the public functions, retries
**   http_request.c    URL, options, headers out
**   http_transfer.c   libcurl's side: callbacks, waiting
**   http_head.c       status and headers in
**   http_body.c       bytes of the body, gzip
**   http_error.c      what a failure is called
**   http_public.c     which addresses are the public internet's
**
** Not for other modules.
*/
#ifndef RS_NET_INTERNAL_H
#define RS_NET_INTERNAL_H
#include <stdatomic.h>
#include "http.h"
#include "src/base/arena.h"
#include "src/base/gunzip.h"
#include "libcurl.h"

#define HTTP_BUFFER ((size_t)64 << 10)    /* one read from the network */
#define HTTP_HEAD_MAX ((size_t)256 << 10) /* bytes of an answer's headers */
#define HTTP_FOREVER INT64_MAX

/* Where an answer's status line and headers go (http_head.c). */
struct http_head {
  struct rs_buf text; /* name NUL value NUL ... */
  int status;         /* of the block being read; 0 = none yet */
  bool in_block;      /* behind a status line, before its empty line */
  bool complete;      /* the final block (not 1xx) has ended */
  bool is_h1;         /* HTTP/1.x: a body needs a length or chunks */
};

/* Whether the server may have seen a request that failed. */
enum http_reached { HTTP_NOT_LOST, HTTP_UNSENT, HTTP_LOST };

/* One request with all its tries. */
struct http_exchange {
  struct rs_http_request r; /* borrowed */
  bool idempotent;
  char *url; /* owned */
  struct curl_slist *headers;
  int64_t connect_ms, idle_ms; /* HTTP_FOREVER: none */
  int64_t total_ms, total_at;  /* total_at: rs_now_ms() of the end */
  int attempt;
  bool was_sent; /* bytes of it have left, in whichever try */

  /* of one try */
  bool running; /* the easy handle is in the multi handle */
  bool done;    /* libcurl has finished; result, message say how */
  bool refused; /* an address was none that may be connected to */
  CURLcode result;
  char message[CURL_ERROR_SIZE];
  enum http_reached reached;
  int64_t moved_at; /* when the last byte moved */
  size_t body_sent;
  struct http_head head;

  /* the body: bytes go straight to where the reader wants them */
  char *dst; /* NULL: nobody reads, libcurl pauses */
  size_t cap, n;
  bool paused, discard;
  size_t dropped;
  char *raw; /* owned, HTTP_BUFFER: packed bytes, or for a reader with a small buffer */
  size_t raw_at, raw_n;
  bool is_gzip;
  struct rs_gunzip_stream gunzip;

  bool is_open;           /* headers are in, the body may be read */
  bool ended;             /* its end was reached */
  struct rs_error failed; /* code RS_OK: it has not */
};

struct rs_http {
  struct rs_arena arena;    /* copies of the options */
  struct rs_http_options o; /* texts in the arena, defaults filled in */
  const char *scheme, *host, *port;
  const char *prefix; /* scheme://host:port/path without a slash at its end */
  const char *origin; /* host:port */
  bool is_local;      /* the host is this machine by its literal name */
  CURLM *multi;
  CURL *easy;
  bool is_spoiled; /* the easy handle's last transfer did not come to its end */
  atomic_bool cancelled;
  uint64_t seed; /* of the back-off's jitter */
  struct http_exchange x;
};

/* http_request.c */
enum rs_code http_base_url(struct rs_http *h, struct rs_error *e);
enum rs_code http_check_headers(const struct rs_http_header *v, size_t n, struct rs_error *e);
const char *http_method(const struct rs_http_request *r);
/* Fills x.url and x.headers. */
enum rs_code http_prepare(struct rs_http *h, struct rs_error *e);
/* Tells libcurl all about the request; called for each try. */
enum rs_code http_set_request(struct rs_http *h, struct rs_error *e);

/* http_transfer.c: all of them fill x.failed on failure */
enum rs_code http_start(struct rs_http *h);
/* Until the headers are in or the transfer has failed. */
enum rs_code http_wait_head(struct rs_http *h);
/* The next raw bytes of the body: *n = 0 at the end. */
enum rs_code http_fill(struct rs_http *h, char *dst, size_t cap, size_t *n);
/* Reads the rest of the body, if it is small and comes within `ms`, so that the connection lives;
** then takes the transfer out of the multi handle in any case. */
void http_drain(struct rs_http *h, int64_t ms);
void http_stop(struct rs_http *h);
/* RS_CANCELLED when a cancel is there; takes it. */
enum rs_code http_cancelled(struct rs_http *h);
/* Bytes of the request that libcurl has sent in this try. */
long http_sent(struct rs_http *h);
/* Waits, or returns RS_CANCELLED. */
enum rs_code http_pause(struct rs_http *h, int64_t ms);
size_t http_on_header(char *p, size_t size, size_t n, void *h);
size_t http_on_body(char *p, size_t size, size_t n, void *h);
size_t http_on_send(char *p, size_t size, size_t n, void *h);
int http_on_seek(void *h, curl_off_t offset, int origin);
struct http_sigpipe {
  bool was_pending, was_blocked;
};
void http_sigpipe_hold(struct http_sigpipe *s);
void http_sigpipe_release(const struct http_sigpipe *s);

/* http_head.c */
void http_head_clear(struct http_head *head);
/* One line as libcurl hands it over; false: head.text.rc says why. */
bool http_head_line(struct http_head *head, const char *p, size_t n);
const char *http_head_get(const struct http_head *head, const char *name, size_t i);
/* Whether the answer can be given to the caller: no redirect, a body whose end can be verified and
** that can be decoded. Sets x.is_gzip. */
enum rs_code http_head_check(struct rs_http *h, struct rs_error *e);
/* What Retry-After asks for, in seconds; -1 when there is none. */
int64_t http_retry_after(const struct http_head *head);

/* http_body.c */
enum rs_code http_body_read(struct rs_http *h, char *buf, size_t cap, size_t *n);
void http_body_reset(struct http_exchange *x);

/* http_public.c: libcurl's callback that makes a socket, under public_only */
curl_socket_t http_on_socket(void *h, curlsocktype purpose, struct curl_sockaddr *to);
/* http_error.c: x.result as an error; sets x.reached. */
enum rs_code http_error_curl(struct rs_http *h, struct rs_error *e);
#endif
