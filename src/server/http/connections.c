/*
** Who is connected, and who takes too long: libmicrohttpd knows idle connections only, and one byte
** now and then is not idle.
**
** Each connection has a phase. A head has --head-timeout (and, on a connection that was used
** before, the idle time in front of it); a body has --body-timeout, and must come at --min-rate on
** the average once --head-timeout is over. What an answer takes is not counted, but a client that
** does not read it is: over SEND_WINDOW_MS it must take --min-rate while there is something to
** send. Who is too slow is shut down; its own thread then ends it.
**
** Threads: a mutex guards the list. A connection is in it until libmicrohttpd tells that it ends,
** which is before its socket is closed: so no socket of somebody else is shut down.
*/
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include "src/base/mem.h"
#include "internal.h"

enum { SEND_WINDOW_MS = 10000 };

struct rs_connection {
  struct rs_connection *next;
  struct rs_connections *list;
  int fd;
  unsigned char address[16];
  _Atomic int phase;     /* enum rs_phase */
  _Atomic int64_t since; /* rs_now_ms: the phase began */
  _Atomic int64_t received;
  bool used; /* a request was answered on it */
  /* of the answer: at the window's begin */
  int64_t window_ms;
  uint64_t acked;
};

struct rs_connections {
  pthread_mutex_t mutex;
  const struct rs_http_limits *limits;
  struct rs_connection *first;
};

enum rs_code rs_connections_open(const struct rs_http_limits *limits, struct rs_connections **pl,
                                 struct rs_error *e)
{
  struct rs_connections *l = rs_calloc(1, sizeof *l);
  if (l == NULL) return rs_nomem(e);
  pthread_mutex_init(&l->mutex, NULL);
  l->limits = limits;
  *pl = l;
  return RS_OK;
}

void rs_connections_close(struct rs_connections *l)
{
  if (l == NULL) return;
  pthread_mutex_destroy(&l->mutex);
  rs_free(l);
}

/* An IPv6 address counts by its network: one machine has all of them. */
static void address_of(const struct sockaddr *at, unsigned char out[16])
{
  memset(out, 0, 16);
  if (at != NULL && at->sa_family == AF_INET)
    memcpy(out + 12, &((const struct sockaddr_in *)(const void *)at)->sin_addr, 4);
  if (at != NULL && at->sa_family == AF_INET6) {
    const unsigned char *p = ((const struct sockaddr_in6 *)(const void *)at)->sin6_addr.s6_addr;
    bool mapped = IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)(const void *)p);
    memcpy(out, p, mapped ? 16 : 8);
    if (mapped) memset(out, 0, 12);
  }
}

bool rs_connections_admit(struct rs_connections *l, const struct sockaddr *at)
{
  int64_t most = l->limits->per_address, n = 0;
  unsigned char address[16];
  if (most <= 0) return true;
  address_of(at, address);
  pthread_mutex_lock(&l->mutex);
  for (const struct rs_connection *c = l->first; c != NULL; c = c->next)
    n += memcmp(c->address, address, sizeof address) == 0;
  pthread_mutex_unlock(&l->mutex);
  return n < most;
}

struct rs_connection *rs_connection_begin(struct rs_connections *l, int fd,
                                          const struct sockaddr *at)
{
  struct rs_connection *c = rs_calloc(1, sizeof *c);
  if (c == NULL) return NULL;
  c->list = l;
  c->fd = fd;
  address_of(at, c->address);
  atomic_store(&c->since, rs_now_ms());
  pthread_mutex_lock(&l->mutex);
  c->next = l->first;
  l->first = c;
  pthread_mutex_unlock(&l->mutex);
  return c;
}

void rs_connection_end(struct rs_connection *c)
{
  if (c == NULL) return;
  struct rs_connections *l = c->list;
  pthread_mutex_lock(&l->mutex);
  struct rs_connection **at = &l->first;
  while (*at != c) at = &(*at)->next;
  *at = c->next;
  pthread_mutex_unlock(&l->mutex);
  rs_free(c);
}

void rs_connection_phase(struct rs_connection *c, enum rs_phase phase)
{
  if (c == NULL) return;
  pthread_mutex_lock(&c->list->mutex);
  if (phase == RS_PHASE_HEAD) c->used = true;
  c->window_ms = 0;
  atomic_store(&c->received, 0);
  atomic_store(&c->since, rs_now_ms());
  atomic_store(&c->phase, phase);
  pthread_mutex_unlock(&c->list->mutex);
}

void rs_connection_received(struct rs_connection *c, size_t n)
{
  if (c != NULL) atomic_fetch_add(&c->received, (int64_t)n);
}

/* Does it leave unread what there is to send? */
static bool reads_too_slowly(struct rs_connection *c, int64_t now, int64_t rate)
{
  struct tcp_info info;
  socklen_t size = sizeof info;
  int waiting = 0;
  memset(&info, 0, sizeof info);
  if (ioctl(c->fd, SIOCOUTQ, &waiting) != 0 || waiting == 0 ||
      getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
      size < offsetof(struct tcp_info, tcpi_bytes_acked) + sizeof info.tcpi_bytes_acked) {
    c->window_ms = 0;
    return false;
  }
  if (c->window_ms != 0 && now - c->window_ms < SEND_WINDOW_MS) return false;
  bool slow = c->window_ms != 0 &&
              (int64_t)(info.tcpi_bytes_acked - c->acked) < rate * (now - c->window_ms) / 1000;
  c->window_ms = now;
  c->acked = info.tcpi_bytes_acked;
  return slow;
}

static bool is_too_slow(struct rs_connection *c, const struct rs_http_limits *l, int64_t now)
{
  int64_t took = now - atomic_load(&c->since);
  switch (atomic_load(&c->phase)) {
    case RS_PHASE_HEAD: return took > l->head_ms + (c->used ? l->idle_ms : 0);
    case RS_PHASE_BODY:
      return took > l->body_ms || (took > l->head_ms && atomic_load(&c->received) <
                                                          l->min_rate * (took - l->head_ms) / 1000);
    default: return l->min_rate > 0 && reads_too_slowly(c, now, l->min_rate);
  }
}

void rs_connections_sweep(struct rs_connections *l)
{
  int64_t now = rs_now_ms();
  pthread_mutex_lock(&l->mutex);
  for (struct rs_connection *c = l->first; c != NULL; c = c->next)
    if (is_too_slow(c, l->limits, now)) (void)shutdown(c->fd, SHUT_RDWR);
  pthread_mutex_unlock(&l->mutex);
}
