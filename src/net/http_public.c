/*
** Which addresses are the public internet's: what a URL of somebody else's may reach. Whatever else
** there is (this machine, its network, a cloud's metadata) trusts those who can connect to it.
**
** The address is looked at when the socket is made: a name may resolve to another one each time it
** is asked for.
*/
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include "internal.h"
#include "public.h"

struct block {
  uint32_t begin;
  int bits;
};

/* IANA's special-purpose blocks, multicast, and what is reserved. */
static const struct block not_public[] = {
  {0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0x7F000000, 8},  {0xA9FE0000, 16},
  {0xAC100000, 12}, {0xC0000000, 24}, {0xC0000200, 24}, {0xC0586300, 24}, {0xC0A80000, 16},
  {0xC6120000, 15}, {0xC6336400, 24}, {0xCB007100, 24}, {0xE0000000, 4},  {0xF0000000, 4},
};

static bool is_public_v4(uint32_t address)
{
  for (size_t i = 0; i < sizeof not_public / sizeof not_public[0]; i++)
    if ((address ^ not_public[i].begin) >> (32 - not_public[i].bits) == 0) return false;
  return true;
}

/* Global unicast, without protocols' own blocks, tunnels that carry an IPv4 address, examples. */
static bool is_public_v6(const unsigned char a[16])
{
  if (a[0] >> 5 != 1) return false;                           // 2000::/3
  if (a[0] == 0x20 && a[1] == 0x01 && a[2] < 2) return false; // 2001::/23
  if (memcmp(a, "\x20\x01\x0d\xb8", 4) == 0) return false;    // 2001:db8::/32
  if (a[0] == 0x20 && a[1] == 0x02) return false;             // 2002::/16
  return !(a[0] == 0x3f && a[1] == 0xff && a[2] < 0x10);      // 3fff::/20
}

bool rs_address_is_public(const struct sockaddr *address)
{
  if (address->sa_family == AF_INET) {
    struct sockaddr_in v4;
    memcpy(&v4, address, sizeof v4);
    return is_public_v4(ntohl(v4.sin_addr.s_addr));
  }
  if (address->sa_family != AF_INET6) return false;
  struct sockaddr_in6 v6;
  memcpy(&v6, address, sizeof v6);
  return is_public_v6(v6.sin6_addr.s6_addr);
}

curl_socket_t http_on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
  struct rs_http *h = ctx;
  (void)purpose;
  if (!rs_address_is_public(&to->addr)) {
    h->x.refused = true;
    return CURL_SOCKET_BAD;
  }
  return socket(to->family, to->socktype, to->protocol);
}
