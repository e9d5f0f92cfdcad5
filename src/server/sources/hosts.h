/*
** URLs that users of the API give: read strictly, and which of their hosts may be asked.
**
** Who may write to a collection may not thereby reach what only this machine can reach. So a host
** that the operator has not named is asked by https only, at an address of the public internet only
** (src/net: public_only), through no proxy; and with a list, no other host at all is.
**
** Texts live in the arena given. Pure; nothing blocks.
*/
#ifndef RS_SERVER_SOURCES_HOSTS_H
#define RS_SERVER_SOURCES_HOSTS_H
#include <stdbool.h>
#include <stddef.h>
#include "src/base/arena.h"
#include "src/base/error.h"

struct rs_host {
  const char *name; /* IPv6 with its brackets */
  int port;         /* 0: any */
};

/* `host` or `host:port`, of n bytes. */
bool rs_host_read(const char *p, size_t n, struct rs_arena *a, struct rs_host *h);

/* Those that the operator names. */
struct rs_hosts {
  const char *flag; /* what gave them */
  bool has_list;
  struct rs_host *v;
  size_t n;
};
/* text: `host[:port],...`; NULL: no list. RS_INVALID. */
enum rs_code rs_hosts_read(const char *flag, const char *text, struct rs_arena *a,
                           struct rs_hosts *h, struct rs_error *e);

struct rs_url {
  bool tls;
  struct rs_host host;
  const char *path; /* with the query string */
};
/* Strictly: what is sent is put together from these parts, so nobody reads them in another way.
** what: how errors call it; secrets: where a password belongs instead. RS_INVALID. */
enum rs_code rs_url_read(const char *text, const char *what, const char *secrets,
                         struct rs_arena *a, struct rs_url *u, struct rs_error *e);

bool rs_host_is(const struct rs_host *h, const struct rs_url *u);
bool rs_hosts_hold(const struct rs_hosts *h, const struct rs_url *u);
/* RS_FORBIDDEN: it may not be asked. */
enum rs_code rs_hosts_check(const struct rs_hosts *h, const struct rs_url *u, const char *what,
                            struct rs_error *e);
#endif
