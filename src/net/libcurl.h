/*
** libcurl, loaded when the first client is made: linked, it and its thirty libraries would cost
** every load of the extension 15 ms and 6 MB, whether or not anything remote is used.
**
** rs_curl.easy_init() is curl_easy_init(), and so on. Valid after rs_curl_load.
*/
#ifndef RS_NET_LIBCURL_H
#define RS_NET_LIBCURL_H
#include <curl/curl.h>
#include "src/base/error.h"

// clang-format off
#define RS_CURL_FUNCTIONS(F) \
  F(global_init) F(version_info) F(getdate) F(free) F(slist_append) F(slist_free_all) \
  F(url) F(url_cleanup) F(url_set) F(url_get) \
  F(easy_init) F(easy_cleanup) F(easy_reset) F(easy_setopt) F(easy_getinfo) F(easy_pause) \
  F(easy_strerror) F(multi_init) F(multi_cleanup) F(multi_add_handle) F(multi_remove_handle) \
  F(multi_perform) F(multi_info_read) F(multi_poll) F(multi_setopt) F(multi_wakeup) \
  F(multi_strerror)
// clang-format on

struct rs_curl_functions {
#define RS_CURL_MEMBER(name) __typeof__(curl_##name) *name;
  RS_CURL_FUNCTIONS(RS_CURL_MEMBER)
#undef RS_CURL_MEMBER
};
extern struct rs_curl_functions rs_curl;

/*
** Loads and starts libcurl, once in the process; any thread. It is never unloaded nor ended: SQLite
** may unload the extension while a thread of libcurl still looks up a name, and the host may use
** libcurl too. For the same reason its memory functions stay its own (curl_global_init_mem would
** change them for the whole process).
** Not found or too old (7.68 has what we call): RS_UNSUPPORTED.
*/
enum rs_code rs_curl_load(struct rs_error *e);
#endif
