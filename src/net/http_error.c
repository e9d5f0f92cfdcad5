/*
** What libcurl's failures are called: one code and one text each, with the way out; and whether the
** server may have seen the request, which decides about trying again.
*/
#include <errno.h>
#include <string.h>
#include "internal.h"

static enum rs_code connect_failed(struct rs_http *h, struct rs_error *e)
{
  long number = 0;
  const char *message = h->x.message;
  if (h->x.refused)
    return rs_fail(e, RS_FORBIDDEN,
                   "%s: not connected: its address is not one of the public internet", h->origin);
  (void)rs_curl.easy_getinfo(h->easy, CURLINFO_OS_ERRNO, &number);
  const char *reason = number != 0 ? strerror((int)number) : "no connection";
  // Behind a proxy the message names the proxy, which then is what to look at
  if (*message != 0 && strstr(message, h->host) == NULL)
    return rs_fail(e, RS_IO, "%s: can't connect: %s (%s)", h->origin, reason, message);
  return rs_fail(e, RS_IO, "%s: can't connect: %s; does the server run, is the port right?",
                 h->origin, reason);
}

static bool mentions(const char *text, const char *a, const char *b)
{
  return strstr(text, a) != NULL || strstr(text, b) != NULL;
}

/* OpenSSL's words, and GnuTLS's where they are known; whatever else is shown as it is. */
static enum rs_code certificate_refused(struct rs_http *h, struct rs_error *e)
{
  const char *m = h->x.message;
  if (mentions(m, "certificate has expired", "certificate is expired"))
    return rs_fail(e, RS_FORBIDDEN,
                   "%s: certificate not accepted: it has expired; have it renewed"
                   " (or set this machine's clock)",
                   h->origin);
  if (mentions(m, "not yet valid", "not activated"))
    return rs_fail(e, RS_FORBIDDEN,
                   "%s: certificate not accepted: it is not valid yet; is this"
                   " machine's clock right?",
                   h->origin);
  if (mentions(m, "does not match", "subject name"))
    return rs_fail(e, RS_FORBIDDEN,
                   "%s: certificate not accepted: it is for another host; use the"
                   " name that it was made for",
                   h->origin);
  if (mentions(m, "self-signed", "self signed") || mentions(m, "issuer", "signer not found"))
    return rs_fail(e, RS_FORBIDDEN,
                   "%s: certificate not accepted: it is not from an authority known"
                   " here; name its CA file in the profile",
                   h->origin);
  return rs_fail(e, RS_FORBIDDEN, "%s: certificate not accepted: %s", h->origin, m);
}

/* Lost on the way: how, and what it means for the caller. */
static enum rs_code lost(struct rs_http *h, struct rs_error *e, const char *what)
{
  const struct http_exchange *x = &h->x;
  const bool unknown = x->reached == HTTP_LOST && !x->idempotent;
  const char *advice = "try again";
  if (unknown) advice = "the request may have been carried out: look before you send it again";
  else if (x->is_open) advice = "what came is incomplete; try again";
  enum rs_code rc = rs_fail(e, RS_IO, "%s: %s; %s", h->origin, what, advice);
  if (e != NULL) e->unknown = unknown;
  return rc;
}

static enum rs_code connection_lost(struct rs_http *h, struct rs_error *e)
{
  long number = 0;
  (void)rs_curl.easy_getinfo(h->easy, CURLINFO_OS_ERRNO, &number);
  bool is_reset = number == ECONNRESET || number == EPIPE || strstr(h->x.message, "reset") != NULL;
  return lost(h, e, is_reset ? "the connection was reset" : "the connection was lost");
}

static enum rs_code not_http(struct rs_http *h, struct rs_error *e, const char *what)
{
  return rs_fail(e, RS_REMOTE, "%s: %s; is this the right server and port?", h->origin, what);
}

static bool is_chunk_error(const struct http_exchange *x)
{
  return strstr(x->message, "chunk") != NULL;
}

/* A handshake that broke off may go better next time; one that failed will not. */
static bool is_handshake_cut(const char *m)
{
  return mentions(m, "SYSCALL", "reset") ||
         mentions(m, "unexpected eof", "non-properly terminated");
}

/* The failure lies in the network, not in what was said. */
static bool is_lost(const struct http_exchange *x)
{
  switch (x->result) {
    case CURLE_COULDNT_CONNECT: return !x->refused; // another try meets the same address
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_SEND_FAIL_REWIND: return true;
    case CURLE_RECV_ERROR: return !is_chunk_error(x);
    case CURLE_SSL_CONNECT_ERROR: return is_handshake_cut(x->message);
    default: return false;
  }
}

static enum rs_code before_connection(struct rs_http *h, struct rs_error *e)
{
  const struct http_exchange *x = &h->x;
  switch (x->result) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return rs_fail(e, RS_IO,
                     "%s: no such host: its name has no address; check the spelling and the"
                     " network",
                     h->origin);
    case CURLE_COULDNT_RESOLVE_PROXY:
      return rs_fail(e, RS_IO,
                     "%s: no such proxy: the name that the environment gives (https_proxy,"
                     " http_proxy, all_proxy) has no address",
                     h->origin);
    case CURLE_COULDNT_CONNECT: return connect_failed(h, e);
    case CURLE_OPERATION_TIMEDOUT: // only connecting is limited by libcurl
      return rs_fail(e, RS_TIMEOUT,
                     "%s: no connection within %lld ms: is the host up, does a firewall"
                     " stand between?",
                     h->origin, (long long)x->connect_ms);
    case CURLE_SSL_CONNECT_ERROR:
      return rs_fail(e, RS_IO, "%s: can't agree on TLS: %s; is it an https server?", h->origin,
                     x->message);
    case CURLE_PEER_FAILED_VERIFICATION: return certificate_refused(h, e);
    case CURLE_SSL_CACERT_BADFILE:
      return rs_fail(e, RS_INVALID, "%s: can't read the CA file or folder of the profile: %s",
                     h->origin, x->message);
    case CURLE_SSL_CERTPROBLEM:
      return rs_fail(e, RS_INVALID, "%s: can't use the client certificate of the profile: %s",
                     h->origin, x->message);
    case CURLE_PROXY: return rs_fail(e, RS_IO, "%s: the proxy failed: %s", h->origin, x->message);
    default: return RS_OK;
  }
}

enum rs_code http_error_curl(struct rs_http *h, struct rs_error *e)
{
  struct http_exchange *x = &h->x;
  long sent = http_sent(h);
  x->reached = !is_lost(x) ? HTTP_NOT_LOST : sent == 0 ? HTTP_UNSENT : HTTP_LOST;
  enum rs_code rc = before_connection(h, e);
  if (rc != RS_OK) return rc;
  switch (x->result) {
    case CURLE_OUT_OF_MEMORY: // which it says of a header that is too long for it, too
      if (sent == 0 || x->is_open) return rs_nomem(e);
      return rs_fail(e, RS_LIMIT,
                     "%s: a header of the answer is larger than libcurl takes (100 kB), or there "
                     "is no memory",
                     h->origin);
    case CURLE_GOT_NOTHING: return lost(h, e, "the server closed the connection without an answer");
    case CURLE_PARTIAL_FILE: return lost(h, e, "the answer was cut off");
    case CURLE_SEND_ERROR:
    case CURLE_SEND_FAIL_REWIND: return connection_lost(h, e);
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return lost(h, e, "the HTTP/2 stream broke");
    case CURLE_RECV_ERROR:
      if (is_chunk_error(x)) return not_http(h, e, "the answer's chunks are malformed");
      return connection_lost(h, e);
    case CURLE_UNSUPPORTED_PROTOCOL:
      if (sent == 0)
        return rs_fail(e, RS_UNSUPPORTED, "%s: this libcurl can't do it: %s", h->origin,
                       x->message);
      return not_http(h, e, "what came is not HTTP");
    case CURLE_WEIRD_SERVER_REPLY: return not_http(h, e, "what came is not HTTP");
    case CURLE_WRITE_ERROR: // our own callback stopped it
      if (x->head.text.rc == RS_NOMEM) return rs_nomem(e);
      if (x->head.text.rc == RS_LIMIT)
        return rs_fail(e, RS_LIMIT, "%s: the answer's headers are larger than %zu bytes", h->origin,
                       HTTP_HEAD_MAX);
      break;
    default: break;
  }
  return rs_fail(e, RS_IO, "%s: %s%s%s", h->origin, rs_curl.easy_strerror(x->result),
                 x->message[0] != 0 ? ": " : "", x->message);
}
