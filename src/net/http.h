/*
** The HTTP client that the adapters for remote engines share, over libcurl.
**
** One struct rs_http is one client of one server (its base URL) with its own kept-alive
** connections. One exchange at a time:
**
**   rs_http_fetch                          a whole body into a buffer (control-plane documents)
**   rs_http_open, rs_http_read..., _end    a body as a stream; memory is bounded by about one read
**                                          buffer, the server waits while nobody reads
**
** An answer's end is always verified (Content-Length, last chunk, end of an HTTP/2 stream, gzip's
** own end): a body is either complete or the call fails. A body that only the closing of the
** connection ends, as in HTTP/1.0, could be cut anywhere unnoticed; with a status below 400 it is
** refused (RS_REMOTE), with an error status (a proxy's page, read by people only) it is accepted.
** gzip is asked for and unpacked, unless the caller sends an Accept-Encoding of its own.
** A redirect is an error: following it would hand the credentials on.
**
** Proxies: https_proxy, http_proxy, all_proxy, no_proxy of the environment; never for this machine.
**
** HTTP statuses are answers, not errors of this layer: RS_OK means that there is a status.
** After the retries below a 429 or 503 comes back as such.
**
** Threads: used by one thread at a time; only rs_http_cancel may be called from any thread, as long
** as the client lives. Blocking: open, fetch and read block until the network answers, a timeout
** runs out or a cancel arrives. No signal reaches the host (SIGPIPE is held back), none is used.
**
** Cancel: rs_http_cancel makes the call in progress return RS_CANCELLED within milliseconds. When
** none is in progress the cancel is kept, and the next open, fetch or read returns it at once. Each
** cancel is reported by exactly one call, then forgotten: the request that stops the statement on
** the server may follow on the same client. A cancel that comes too late for its statement would
** hit the next one: call rs_http_rearm when a statement begins; it drops a kept cancel.
** (Two waits that a cancel can't cut short: a name look-up with a libcurl older than 7.87, and the
** reading of the system's CA certificates at a client's first TLS connection, about 30 ms.)
**
** Errors: text = `host:port: what failed: cause`, with the way out; no path, query, header or user
** info of a URL ever appears in it. e->unsent: nothing was sent.
**   RS_IO         no such host, refused, unreachable, reset, cut off (also in mid-body), TLS failed
**   RS_FORBIDDEN  certificate not accepted; plain http to another machine; URL of another server
**   RS_TIMEOUT    connect, idle or total: the text says which
**   RS_REMOTE     what came is not valid HTTP, can't be decoded or verified, or is a redirect
**   RS_LIMIT      body larger than its buffer may be, headers larger than 256 KiB
**   RS_INVALID    a bad URL, method, header or option
**   RS_CANCELLED, RS_NOMEM, RS_UNSUPPORTED
*/
#ifndef RS_NET_HTTP_H
#define RS_NET_HTTP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "src/base/buf.h"
#include "src/base/error.h"

struct rs_http;

/* A request header. secret: the value is a credential; it is registered with rs_redact_add. */
struct rs_http_header {
  const char *name, *value;
  bool secret;
};

/* Milliseconds; 0 = the default (of the client, in a request), negative = no limit. */
struct rs_http_timeouts {
  int64_t connect; /* name look-up, connection and TLS of one try; default 10 s */
  int64_t idle;  /* no byte moved either way while a call waits; default 60 s. A server that thinks
                      about a query without sending anything is idle. */
  int64_t total; /* one exchange with its retries and back-off, the caller's own time between
                      reads included; default none */
};

/* One more try is about to be made, after wait_ms. Called on the thread that called the client;
** must not call it. */
struct rs_http_retry {
  int attempt;        /* the one that failed: 1, 2, ... */
  int tries;          /* at most so many */
  int status;         /* the answer's, 0 when there was none */
  const char *reason; /* one line without secrets; borrowed for the call */
  int64_t wait_ms;
};
typedef void rs_http_on_retry(void *ctx, const struct rs_http_retry *r);

/* {0} and a base_url are a working set. Everything is copied. */
struct rs_http_options {
  const char *base_url;   /* http(s)://host[:port][/path], no user info, query or fragment */
  const char *user_agent; /* NULL: rockset_ext/<version> */
  const struct rs_http_header *headers; /* sent with every request */
  size_t nheaders;
  struct rs_http_timeouts timeouts;

  bool insecure;       /* do NOT verify the server's certificate */
  bool allow_plain;    /* plain http also to other machines than this one */
  bool no_compression; /* ask for no Content-Encoding; default: gzip */
  /* Connect to addresses of the public internet only, whatever the name resolves to when it is
  ** used, and through no proxy: for URLs that are not the operator's. Else RS_FORBIDDEN. */
  bool public_only;
  const char *ca_file;   /* PEM; NULL: libcurl's own */
  const char *ca_dir;    /* hashed folder of PEM files */
  const char *cert_file; /* client certificate, PEM */
  const char *key_file;  /* its key; NULL: in cert_file */
  const char *key_password;
  /* Requests, which have no bodies, are signed as Amazon's servers want it (SigV4, of the service
  ** s3). id NULL: they are not. RS_UNSUPPORTED with a libcurl older than 7.75. */
  struct {
    const char *id, *secret, *region;
  } aws;

  int tries;                  /* in all, 1 = no retry; 0 = 5 */
  int64_t second_ms;          /* what a second of back-off and of Retry-After lasts; 0 = 1000 */
  int64_t retry_after_max;    /* seconds; a longer Retry-After is cut to it; 0 = 60 */
  rs_http_on_retry *on_retry; /* may be NULL */
  void *retry_ctx;
};

/*
** A request; all borrowed until the exchange ends (rs_http_end, or rs_http_fetch returns).
**
** Tried again, after a random part of 1, 2, 4, 8, 8 ... s or after Retry-After if that is longer:
**   - when no connection came about, and on an answer of 429 or 503: whatever the request;
**   - when the connection was lost after something was sent, and on 502 and 504, which leave open
**     whether the server got it: only when `idempotent`;
** and never after rs_http_open has returned (rs_http_fetch: retries until it returns), so that no
** byte of a body is delivered twice. A request that is not idempotent is never sent twice without
** an answer in between that refuses it. A timeout of an established connection is not retried.
*/
struct rs_http_request {
  const char *method; /* NULL: GET, or POST when there is a body */
  /* Begins with `/`: appended to the base URL (encode it: rs_http_escape). Otherwise an absolute
  ** URL of the same scheme, host and port (Trino's nextUri); another server is RS_FORBIDDEN, since
  ** it would get the credentials. May have a query string. NULL: the base URL itself. */
  const char *path;
  const struct rs_http_header *headers; /* replace fixed ones of the same name; value NULL: none */
  size_t nheaders;
  const char *body; /* NULL: no body */
  size_t body_len;
  bool idempotent; /* doing it twice is the same as once; GET and HEAD always are */
  struct rs_http_timeouts timeouts;
};

/* Returns owned in *ph (rs_http_free). No network. Bad options: RS_INVALID, RS_FORBIDDEN. */
enum rs_code rs_http_new(const struct rs_http_options *o, struct rs_http **ph, struct rs_error *e);
/* Ends an open exchange, closes all connections. NULL is fine. */
void rs_http_free(struct rs_http *h);

/* From any thread, at any time. See the rule above. */
void rs_http_cancel(struct rs_http *h);
/* Drops a cancel that no call has reported yet. */
void rs_http_rearm(struct rs_http *h);

/* Sends the request and collects the whole body. `body`: initialized by the caller, emptied first;
** its maximum is the cap on the (decoded) body. Status and headers stay readable until the next
** exchange. The exchange is over when this returns. */
enum rs_code rs_http_fetch(struct rs_http *h, const struct rs_http_request *r, struct rs_buf *body,
                           int *status, struct rs_error *e);

/* Sends the request; returns when status and headers of the final answer are in. On failure the
** exchange is over. An exchange that is still open is ended first. */
enum rs_code rs_http_open(struct rs_http *h, const struct rs_http_request *r, int *status,
                          struct rs_error *e);
/* The next bytes of the body, 1..cap, as soon as there are any. *n = 0: its verified end. After a
** failure every further read fails alike. cap >= 1; 64 KiB is a good size. */
enum rs_code rs_http_read(struct rs_http *h, char *buf, size_t cap, size_t *n, struct rs_error *e);
/* Ends the exchange; the connection is kept only when the body was read to its end. Without an open
** exchange a no-op. Headers stay readable until the next exchange. */
void rs_http_end(struct rs_http *h);

/* The i-th (0, 1, ...) value of a header of the last answer, name in any case; NULL when there is
** none. Trailers are not kept. Borrowed until the next exchange. */
const char *rs_http_header(const struct rs_http *h, const char *name, size_t i);

/* `host:port` of the server, as errors name it. Borrowed from the client. */
const char *rs_http_origin(const struct rs_http *h);

/* Appends s percent-encoded, for one segment of a path or one value of a query string. */
void rs_http_escape(struct rs_buf *b, const char *s, size_t n);
#endif
