/*
** Which addresses are the public internet's (see http_public.c). Pure.
*/
#ifndef RS_NET_PUBLIC_H
#define RS_NET_PUBLIC_H
#include <stdbool.h>
#include <sys/socket.h>

/* Neither this machine's, nor a private network's, nor any other special one. */
bool rs_address_is_public(const struct sockaddr *address);
#endif
