/*
** The models of a SQLite file (rocksetd --models), for the console: graph, node, runs. Routes of
** our own, read-only.
**
** A struct rs_store_file says which file; each request opens it anew (store.h), so there is nothing
** to share and nothing to free. Threads: any. Errors: a request without --models is answered with
** 404 and the way out.
*/
#ifndef RS_SERVER_MODELS_MODELS_H
#define RS_SERVER_MODELS_MODELS_H
#include "src/project/model/store.h"
#include "src/server/http/http.h"

/* At the start: can the file be read, and does it hold a project? */
enum rs_code rs_models_check(const struct rs_store_file *f, struct rs_error *e);

rs_handler rs_get_models;
rs_handler rs_get_models_node;
rs_handler rs_list_models_runs;
rs_handler rs_get_models_run;
#endif
