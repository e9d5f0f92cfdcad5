/*
** The commands that run nodes (internal.h): what each of them runs.
*/
#include "src/base/text.h"
#include "internal.h"

#define MODEL (1U << RS_NODE_MODEL)
#define SEED (1U << RS_NODE_SEED)
#define SNAPSHOT (1U << RS_NODE_SNAPSHOT)
#define TESTS (1U << RS_NODE_TEST | 1U << RS_NODE_UNIT_TEST)

const struct rs_command rs_commands[] = {
  {.fn = "rockset_run", .name = "run", .noun = "models", .types = MODEL, .hooks = true},
  {.fn = "rockset_test",
   .name = "test",
   .noun = "tests",
   .types = TESTS,
   .hooks = true,
   .failures = true},
  {.fn = "rockset_seed", .name = "seed", .noun = "seeds", .types = SEED, .hooks = true},
  {.fn = "rockset_snapshot",
   .name = "snapshot",
   .noun = "snapshots",
   .types = SNAPSHOT,
   .hooks = true},
  {.fn = "rockset_build",
   .name = "build",
   .noun = "nodes",
   .types = MODEL | SEED | SNAPSHOT | TESTS,
   .hooks = true,
   .gates = true,
   .failures = true},
  {.fn = "rockset_freshness",
   .name = "freshness",
   .noun = "sources",
   .types = 1U << RS_NODE_SOURCE,
   .failures = true},
  {.fn = "rockset_clone",
   .name = "clone",
   .noun = "nodes",
   .types = MODEL | SEED | SNAPSHOT,
   .clones = true},
  {.fn = "rockset_retry", .name = "retry", .noun = "nodes", .again = true, .failures = true}};
const size_t rs_command_count = sizeof rs_commands / sizeof *rs_commands;

const struct rs_command *rs_command_find(const char *name)
{
  for (size_t i = 0; i < rs_command_count; i++)
    if (rs_eq(rs_commands[i].name, name)) return &rs_commands[i];
  return NULL;
}
