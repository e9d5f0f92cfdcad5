/*
** Watches: why work for a request is to stop.
*/
#include <poll.h>
#include <sys/socket.h>
#include "http.h"

void rs_watch_init(struct rs_watch *w, const rs_stopping *stopping, int fd)
{
  w->stopping = stopping;
  atomic_init(&w->why, RS_STOP_NOT);
  atomic_init(&w->deadline, 0);
  w->fd = fd;
}

/* A client that has closed its side wants no answer any more. */
static bool is_gone(int fd)
{
  struct pollfd p = {.fd = fd, .events = POLLRDHUP};
  return poll(&p, 1, 0) > 0 && (p.revents & (POLLRDHUP | POLLERR | POLLHUP | POLLNVAL)) != 0;
}

bool rs_watch_is_stopped(struct rs_watch *w)
{
  int why = atomic_load(&w->why);
  if (why != RS_STOP_NOT) return true;
  int64_t deadline = atomic_load(&w->deadline);
  if (deadline > 0 && rs_now_ms() >= deadline) why = RS_STOP_DEADLINE;
  else if (atomic_load(w->stopping) > 1) why = RS_STOP_SHUTDOWN;
  else if (w->fd >= 0 && is_gone(w->fd)) why = RS_STOP_GONE;
  if (why == RS_STOP_NOT) return false;
  rs_watch_stop(w, (enum rs_stop)why);
  return true;
}

void rs_watch_stop(struct rs_watch *w, enum rs_stop why)
{
  int not_yet = RS_STOP_NOT;
  (void)atomic_compare_exchange_strong(&w->why, &not_yet, why);
}
