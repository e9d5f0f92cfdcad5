/*
** GET /: the console for a browser, two words for everyone else.
**
** The page is made of src/console/ at build time, and gzipped; it holds no data, and its requests
** need a key like all others. A build without its packages has none.
*/
#include <string.h>
#include "server.h"

static const struct rs_http_header with_page[] = {{"Content-Encoding", "gzip"},
                                                  {"Content-Security-Policy", rs_console_policy},
                                                  {"X-Content-Type-Options", "nosniff"},
                                                  {"Referrer-Policy", "no-referrer"},
                                                  {"Cache-Control", "no-cache"},
                                                  {"Vary", "Accept"},
                                                  {NULL, NULL}};

enum rs_code rs_get_root(struct rs_request *q)
{
  const char *accept = rs_request_header(q, "Accept");
  const char *zip = rs_request_header(q, "Accept-Encoding");
  const bool browser = accept != NULL && strstr(accept, "text/html") != NULL && zip != NULL &&
                       strstr(zip, "gzip") != NULL;
  if (!browser || q->server->config->no_console || rs_console_page_size == 0) {
    rs_buf_str(&q->out, "{\"message\":\"GO ROCKSET!\"}");
    return RS_OK;
  }
  rs_buf_add(&q->out, (const char *)rs_console_page, rs_console_page_size);
  q->content_type = "text/html; charset=utf-8";
  q->headers = with_page;
  return RS_OK;
}
