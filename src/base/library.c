/*
** What is known of loaded libraries (see library.h).
*/
#include "library.h"
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct {
  const char *name;
  char version[32];
} known[4];
static size_t n_known;

void rs_library_note(const char *name, const char *version)
{
  pthread_mutex_lock(&mutex);
  if (n_known < sizeof known / sizeof *known) {
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
