/*
** What is known of loaded libraries (see library.h).
*/
#include "library.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct {
  const char *name;
  char version[32];
} known[12];
static size_t n_known;

void rs_library_note(const char *name, const char *version)
{
  pthread_mutex_lock(&mutex);
  bool again = false;
  for (size_t i = 0; i < n_known; i++) again = again || strcmp(known[i].name, name) == 0;
  if (!again && n_known < sizeof known / sizeof *known) {
    snprintf(known[n_known].version, sizeof known->version, "%s", version);
    known[n_known++].name = name;
  }
  pthread_mutex_unlock(&mutex);
}

void rs_library_list(struct rs_buf *out)
{
  pthread_mutex_lock(&mutex);
  for (size_t i = 0; i < n_known; i++)
    rs_buf_printf(out, ", %s %s", known[i].name, known[i].version);
  pthread_mutex_unlock(&mutex);
}

enum rs_code rs_library_open(const struct rs_library *l, const struct rs_symbol *symbols, size_t n,
                             struct rs_error *e)
{
  const char *(*version)(void) = NULL;
  void *handle = NULL;
  for (size_t i = 0; handle == NULL && i < sizeof l->files / sizeof l->files[0]; i++)
    if (l->files[i] != NULL) handle = dlopen(l->files[i], RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == NULL)
    return rs_fail(e, RS_UNSUPPORTED, "%s, which %s need, can't be loaded: %s; %s", l->name, l->use,
                   dlerror(), l->packages);
  for (size_t i = 0; i < n; i++) {
    void *found = dlsym(handle, symbols[i].name);
    memcpy(symbols[i].to, &found, sizeof found);
    if (found == NULL)
      return rs_fail(e, RS_UNSUPPORTED, "%s, which %s need, is too old: it has no %s; %s", l->name,
                     l->use, symbols[i].name, l->packages);
  }
  if (l->version != NULL) *(void **)&version = dlsym(handle, l->version);
  rs_library_note(l->name, version != NULL ? version() : "");
  return RS_OK;
}
