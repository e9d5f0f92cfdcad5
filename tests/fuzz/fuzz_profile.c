/*
** Fuzzing profiles: any text is an error that says so, or an output whose fields are all there and
** whose JSON hides what is secret. Text that begins with a brace is given as such, other text as a
** file.
*/
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "src/base/mem.h"
#include "src/profile/profile.h"
#include "src/engine/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static char path[64];

static void end(void)
{
  (void)unlink(path);
}

static void write_file(const uint8_t *data, size_t n)
{
  if (path[0] == 0) {
    snprintf(path, sizeof path, "%s/rs_fuzz_profile_%ld.yml",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", (long)getpid());
    (void)atexit(end);
  }
  FILE *f = fopen(path, "wb");
  if (f == NULL || (n > 0 && fwrite(data, 1, n, f) != n) || fclose(f) != 0) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
  const struct rs_output *o = NULL;
  struct rs_error e = {0};
  if (n > 4096) return 0;
  char *text = rs_strndup((const char *)data, n);
  if (text == NULL) return 0;
  struct rs_profile_request rq = {.adapters = rs_target_fields, .profile = "p", .source = text};
  if (text[0] != '{') {
    write_file(data, n);
    rq.source = path;
  }
  if (rs_profile_load(&rq, &o, &e) == RS_OK) {
    if (o->type == NULL || o->workspace == NULL || o->threads < 1) abort();
    for (size_t i = 0; i < o->nfields; i++)
      if (o->fields[i].name == NULL || o->fields[i].text == NULL) abort();
    rs_output_release(o);
  } else if (e.text[0] == 0) {
    abort();
  }
  rs_free(text);
  return 0;
}
