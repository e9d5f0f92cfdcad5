/*
** Loading libcurl (see libcurl.h).
*/
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>
#include "libcurl.h"
#include "src/base/library.h"

struct rs_curl_functions rs_curl;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static bool loaded; /* guarded by mutex */

#define OLDEST 0x074400 /* 7.68: curl_multi_wakeup */

/* By the names of Debian's flavours, Fedora's and macOS's. NODELETE: see libcurl.h. */
static void *open_library(void)
{
  static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.4.dylib",
                                      "libcurl.so"};
  void *handle = NULL;
  for (size_t i = 0; handle == NULL && i < sizeof names / sizeof names[0]; i++)
    handle = dlopen(names[i], RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
  return handle;
}

static enum rs_code load(struct rs_error *e)
{
  static const char ways_out[] = "apt-get install libcurl4 (Debian, Ubuntu), dnf install libcurl "
                                 "(Fedora, RHEL), zypper install libcurl4 (openSUSE), pacman -S "
                                 "curl (Arch)";
  void *handle = open_library();
  if (handle == NULL)
    return rs_fail(e, RS_UNSUPPORTED, "libcurl, which remote targets need, can't be loaded: %s; %s",
                   dlerror(), ways_out);
  struct rs_curl_functions f = {0};
  const char *missing = NULL;
#define LOOK_UP(name)                               \
  *(void **)&f.name = dlsym(handle, "curl_" #name); \
  if (f.name == NULL && missing == NULL) missing = "curl_" #name;
  RS_CURL_FUNCTIONS(LOOK_UP)
#undef LOOK_UP
  const curl_version_info_data *info = f.version_info != NULL ? f.version_info(CURLVERSION_NOW)
                                                              : NULL;
  if (missing != NULL || info == NULL || info->version_num < OLDEST)
    return rs_fail(e, RS_UNSUPPORTED, "libcurl %s is too old (no %s): 7.68 or newer is needed; %s",
                   info != NULL ? info->version : "", missing != NULL ? missing : "whole interface",
                   ways_out);
  CURLcode rc = f.global_init(CURL_GLOBAL_DEFAULT);
  if (rc == CURLE_OUT_OF_MEMORY) return rs_nomem(e);
  if (rc != CURLE_OK)
    return rs_fail(e, RS_INTERNAL, "libcurl can't start: %s", f.easy_strerror(rc));
  rs_curl = f;
  loaded = true;
  rs_library_note("libcurl", info->version);
  return RS_OK;
}

enum rs_code rs_curl_load(struct rs_error *e)
{
  pthread_mutex_lock(&mutex);
  enum rs_code rc = loaded ? RS_OK : load(e);
  pthread_mutex_unlock(&mutex);
  return rc;
}
