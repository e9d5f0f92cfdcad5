/*
** The options of a load as JSON, for whoever loads: rockset_load, rocksetd --load-options.
**
** Ownership: the texts of the load that come from it live in the arena. Threads: any.
*/
#ifndef RS_ENGINE_LOAD_OPTIONS_H
#define RS_ENGINE_LOAD_OPTIONS_H
#include "src/base/arena.h"
#include "engine.h"

/* json: NULL, "": none are given, which leaves the load as it is. `what` names the owner in errors
** ("rockset_load"). */
enum rs_code rs_load_options_read(const char *json, const char *what, struct rs_load *load,
                                  struct rs_arena *a, struct rs_error *e);
#endif
