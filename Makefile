# rockset_ext: everything is built below $(BUILD); nothing else is ever written.
#
#   make                  the extension, the static library, the server
#   make SAN=1            with AddressSanitizer and UBSan        (use a BUILD of its own)
#   make FAULT=1          with failing allocations, sanitized    (use a BUILD of its own)
#   make FUZZ=1           for fuzzers, sanitized                 (use a BUILD of its own)
#   make CC=clang         any C11 compiler that knows gcc's options

BUILD ?= build
# The one place that says it: the header, which programs read too
VERSION := $(shell sed -n 's/^.define ROCKSET_EXT_VERSION "\(.*\)"/\1/p' ext/rockset_ext.h)

# Make's own default is cc, which a system with only gcc or only clang need not have
ifeq ($(origin CC),default)
  CC := $(firstword $(foreach c,cc gcc clang,$(if $(shell command -v $(c)),$(c))) cc)
endif
AR ?= ar
TARGET := $(shell $(CC) -dumpmachine 2>/dev/null)
# macOS: its linker has none of the options that ELF's have
DARWIN := $(strip $(foreach os,macos darwin,$(findstring $(os),$(TARGET))))

# --- Flags ----------------------------------------------------------------------------------------

WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Werror
OPT := -O2
LIBS_PC := libcjson yaml-0.1 zlib

ifneq ($(SAN)$(FAULT)$(FUZZ),)
  OPT := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
  # clang links its runtime into programs only; a loaded extension needs the shared one
  ifneq ($(FUZZ),)
    # libFuzzer, which wants the static runtime, or a main of our own
    LIBFUZZER := $(findstring clang,$(shell $(CC) --version))
    FUZZ_MAIN := $(if $(LIBFUZZER),-fsanitize=fuzzer,tests/fuzz/driver.c)
    OPT += $(if $(LIBFUZZER),-fsanitize=fuzzer-no-link)
    DEFS += -DRS_FUZZ
  else ifneq ($(findstring clang,$(shell $(CC) --version)),)
    OPT += -shared-libasan
    ASAN_LIB = $(shell $(CC) -print-file-name=libclang_rt.asan-$(shell uname -m).so)
    SAN_RPATH = -Wl,-rpath,$(dir $(ASAN_LIB))
  else
    ASAN_LIB = $(shell $(CC) -print-file-name=libasan.so)
  endif
else
  # A sanitizer's symbols come from its preloaded runtime; everything else must be found now
  NO_UNDEFINED := -Wl,-z,defs
endif
ifneq ($(FAULT),)
  DEFS += -DRS_FAULT
endif

# Flags of the build; CFLAGS, CPPFLAGS and LDFLAGS stay the user's
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -DRS_VERSION='"$(VERSION)"' -DRS_TARGET='"$(TARGET)"' \
  $(DEFS) -I. $(CJSON_CFLAGS) -g $(OPT) -fPIC -fvisibility=hidden -pthread $(WARN) $(CPPFLAGS) \
  $(CFLAGS)
# What rocksetd is linked with to read --models
SQLITE_LIB ?= -lsqlite3
CJSON_CFLAGS := $(shell pkg-config --cflags $(LIBS_PC) 2>/dev/null)
LIBS := $(shell pkg-config --libs $(LIBS_PC) 2>/dev/null || \
  echo -lcjson -lyaml -lz) -lpthread -ldl -lm
ALL_LDFLAGS = $(OPT) -pthread $(SAN_RPATH) $(LDFLAGS)

# --- Files ----------------------------------------------------------------------------------------

SERVER := $(sort $(shell find src/server -name '*.c'))
SRC := $(filter-out $(SERVER),$(sort $(shell find src -name '*.c')))
EXT := $(sort $(shell find ext -name '*.c'))
SQL := $(sort $(shell find sql -type f ! -name demo.sql 2>/dev/null)) src/python/html_names.txt

# The files of ext/ are compiled twice: to be loaded (sqlite3ext.h's table of functions) and, with
# SQLITE_CORE, to be linked into a program that has SQLite
SRC_OBJ := $(SRC:%.c=$(BUILD)/obj/%.o) $(BUILD)/obj/gen/embedded.o \
  $(BUILD)/obj/gen/docs.o
SERVER_OBJ := $(SERVER:%.c=$(BUILD)/obj/%.o) $(BUILD)/obj/gen/console.o
EXT_OBJ := $(EXT:ext/%.c=$(BUILD)/obj/ext/%.o)
CORE_OBJ := $(EXT:ext/%.c=$(BUILD)/obj/core/%.o)

# What SQLite adds to a bare name
SO := $(BUILD)/rockset_ext$(if $(DARWIN),.dylib,.so)
LIB := $(BUILD)/librockset_ext.a
# What tests link that look inside: every name of ours can be seen in it
LIBSRC := $(BUILD)/libsrc.a
LIBCORE := $(BUILD)/libcore.a
ROCKSETD := $(BUILD)/rocksetd

UNIT := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
FAULTS := $(patsubst tests/fault/%.c,$(BUILD)/faults/%,$(wildcard tests/fault/fault_*.c))
# What only tests link beside the product: answers of a target, recorded and replayed
SUPPORT := $(patsubst tests/%.c,$(BUILD)/obj/tests/%.o,$(wildcard tests/support/*.c))
PARITY := $(BUILD)/parity/render
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzzers/%,$(wildcard tests/fuzz/fuzz_*.c))
# A driver of ADBC that lacks things, for tests/python
POOR := $(BUILD)/wire/adbc_driver_poor.so
EMBED := $(patsubst tests/embed/%.c,$(BUILD)/embed/%,$(wildcard tests/embed/*.c))
BENCH := $(wildcard tests/bench/run)
BENCHES := $(addprefix $(BUILD)/bench/,json cjson jinja replay floor.so)

# The extension as its next version will be, with a migration: for tests only
NEXT := $(BUILD)/next/rockset_ext.so
NEXT_SQL := tests/fixtures/sql/migrate-5.sql
NEXT_OBJ := $(BUILD)/obj/next/base/tables.o $(BUILD)/obj/next/models/functions.o \
  $(BUILD)/obj/gen/embedded_next.o
NEXT_OLD := $(BUILD)/obj/ext/base/tables.o $(BUILD)/obj/ext/models/functions.o \
  $(BUILD)/obj/gen/embedded.o

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all demo serve test test-programs test-asan run-asan test-fault run-fault test-clients \
  test-all test-console test-attack test-attack-asan run-attack soak test-kill test-artifacts \
  test-dbt test-newest test-parity test-parity-project test-conformance test-differential \
  test-differential-faults test-rsql test-trino test-postgres test-sqlite test-s3 test-kafka \
  test-adapter \
  fuzz run-fuzz lint bench bench-server bench-trino picture site test-site packages test-packages \
  test-zig install uninstall clean deps help

all: $(SO) $(LIB) $(ROCKSETD) ## build the extension, the static library, the server (the default)

# --- Rules ----------------------------------------------------------------------------------------

# Objects depend on the flags they were made with, so that another CC or CFLAGS rebuilds them
FLAGS_NOW := $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(FLAGS_NOW))' | cmp -s - $@ || \
	  printf '%s\n' '$(subst ','\'',$(FLAGS_NOW))' >$@
FORCE:

# A missing header is told with the command that installs it, before the compiler stumbles on it
$(BUILD)/checked: .ci/deps.sh
	@mkdir -p $(@D) && CC='$(CC)' sh .ci/deps.sh $(BUILD)/deps check && touch $@

COMPILE = @mkdir -p $(@D) && echo "  CC   $<" && $(CC) $(ALL_CFLAGS) -MMD -MP

$(BUILD)/obj/src/%.o: src/%.c $(BUILD)/flags | $(BUILD)/checked
	$(COMPILE) -c $< -o $@
$(BUILD)/obj/ext/%.o: ext/%.c $(BUILD)/flags | $(BUILD)/checked
	$(COMPILE) -c $< -o $@
$(BUILD)/obj/core/%.o: ext/%.c $(BUILD)/flags | $(BUILD)/checked
	$(COMPILE) -DSQLITE_CORE -c $< -o $@
$(BUILD)/obj/next/%.o: ext/%.c $(BUILD)/flags | $(BUILD)/checked
	$(COMPILE) -DRS_SCHEMA_VERSION=5 -c $< -o $@
$(BUILD)/obj/tests/%.o: tests/%.c $(BUILD)/flags | $(BUILD)/checked
	$(COMPILE) -c $< -o $@
$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c $(BUILD)/flags | $(BUILD)/checked
	$(COMPILE) -c $< -o $@

ALL_FILES = $(SRC) $(SERVER) $(EXT) $(SQL)
# A list file makes added and removed files rebuild what is made from all of them
$(BUILD)/lists: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(ALL_FILES) | cmp -s - $@ || printf '%s\n' $(ALL_FILES) >$@

$(BUILD)/gen/embedded.c: $(SQL) .ci/embed.sh $(BUILD)/lists
	@mkdir -p $(@D) && echo "  GEN  $@"
	@sh .ci/embed.sh $(SQL) >$@

$(BUILD)/gen/embedded_next.c: $(SQL) $(NEXT_SQL) .ci/embed.sh $(BUILD)/lists
	@mkdir -p $(@D) && echo "  GEN  $@"
	@sh .ci/embed.sh $(SQL) $(NEXT_SQL) >$@

# Their packages come with make deps
CONSOLE := $(wildcard src/console/*)
CONSOLE_PACKAGES ?= $(BUILD)/deps/console
PAGES := $(BUILD)/gen/console.c $(BUILD)/gen/docs.c
$(PAGES): $(BUILD)/gen/%.c: $(CONSOLE) src/rsql/function_table.c .ci/console.sh \
  $(wildcard $(CONSOLE_PACKAGES)/.integrity)
	@mkdir -p $(@D) && echo "  GEN  $@"
	@sh .ci/console.sh $(CONSOLE_PACKAGES) $* >$@

# SQLite finds sqlite3_rocksetext_init by the file's name; nothing else may be visible to the host
$(BUILD)/gen/export.map: Makefile
	@mkdir -p $(@D)
	@printf '{ global: sqlite3_rocksetext_init; local: *; };\n' >$@

comma := ,
ELF_FLAGS = $(NO_UNDEFINED) -Wl,--version-script=$(BUILD)/gen/export.map -Wl,--as-needed
LINK_SO = @mkdir -p $(@D) && echo "  LINK $@" && $(CC) -shared $(ALL_LDFLAGS) \
  $(if $(DARWIN),-Wl$(comma)-install_name$(comma)$(@F),$(ELF_FLAGS)) -o $@
$(SO): $(SRC_OBJ) $(EXT_OBJ) $(BUILD)/gen/export.map $(BUILD)/lists
	$(LINK_SO) $(SRC_OBJ) $(EXT_OBJ) $(LIBS)
$(NEXT): $(SO) $(NEXT_OBJ)
	$(LINK_SO) $(filter-out $(NEXT_OLD),$(SRC_OBJ) $(EXT_OBJ)) $(NEXT_OBJ) $(LIBS)

ARCHIVE = @echo "  AR   $@" && rm -f $@ && $(AR) rcs $@
$(LIBSRC): $(SRC_OBJ) $(BUILD)/lists
	$(ARCHIVE) $(SRC_OBJ)
$(LIBCORE): $(SRC_OBJ) $(CORE_OBJ) $(BUILD)/lists
	$(ARCHIVE) $(SRC_OBJ) $(CORE_OBJ)
$(BUILD)/obj/whole.o: $(SRC_OBJ) $(CORE_OBJ) $(BUILD)/lists
	@$(CC) -r -nostdlib -o $@ $(SRC_OBJ) $(CORE_OBJ)
$(LIB): $(BUILD)/obj/whole.o .ci/archive.sh
	@echo "  AR   $@" && CC='$(CC)' AR='$(AR)' sh .ci/archive.sh $@ $<

# --models: ext/models reads a SQLite file for it
$(ROCKSETD): $(SERVER_OBJ) $(LIBCORE) $(BUILD)/lists
	@echo "  LINK $@"
	@$(CC) $(ALL_LDFLAGS) -o $@ $(SERVER_OBJ) $(LIBCORE) -lmicrohttpd $(SQLITE_LIB) $(LIBS)

PROGRAM = $(COMPILE) -Itests -MF $@.d $< -o $@ $(ALL_LDFLAGS)
$(BUILD)/unit/%: tests/unit/%.c $(LIBSRC)
	$(PROGRAM) $(filter %.o,$^) $(LIBSRC) -lcmocka $(LIBS)
$(BUILD)/unit/test_record: $(SUPPORT)
$(POOR): tests/wire/poor_driver.c
	$(COMPILE) -shared -MF $@.d $< -o $@ $(ALL_LDFLAGS)
$(BUILD)/faults/%: tests/fault/%.c $(LIBCORE)
	$(PROGRAM) $(LIBCORE) -lcmocka -lsqlite3 $(LIBS)
# The server as it is, but for its main, which the test includes
$(BUILD)/faults/fault_server: tests/fault/fault_server.c $(LIBCORE) $(SERVER_OBJ)
	$(PROGRAM) $(filter-out %/main.o,$(SERVER_OBJ)) $(LIBCORE) -lmicrohttpd -lsqlite3 $(LIBS)
$(BUILD)/embed/%: tests/embed/%.c $(LIB)
	$(PROGRAM) $(LIB) -lsqlite3 $(LIBS)

$(BUILD)/fuzzers/%: tests/fuzz/%.c tests/fuzz/driver.c $(LIBSRC)
	$(PROGRAM) $(FUZZ_MAIN) $(LIBSRC) $(LIBS)
$(BUILD)/parity/%: tests/parity/%.c $(LIBSRC)
	$(PROGRAM) $(LIBSRC) $(LIBS)
$(BUILD)/bench/%: tests/bench/%.c $(LIBSRC)
	$(PROGRAM) $(LIBSRC) $(LIBS)
# An extension of SQLite with nothing of ours
$(BUILD)/bench/floor.so: tests/bench/floor.c
	$(PROGRAM) -shared

-include $(SRC_OBJ:.o=.d) $(SUPPORT:.o=.d) $(SERVER_OBJ:.o=.d) $(EXT_OBJ:.o=.d)
-include $(CORE_OBJ:.o=.d) $(NEXT_OBJ:.o=.d)
-include $(addsuffix .d,$(UNIT) $(FAULTS) $(EMBED) $(FUZZERS) $(PARITY) $(BENCHES))

# Builds for a target: on all processors, where make was not told how many jobs there may be
ON_ALL = --no-print-directory \
  $(if $(filter --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 2))

# --- Set-up ---------------------------------------------------------------------------------------

deps: $(BUILD)/deps/stamp ## install packages, fetch the pinned DuckDB library and the demo's data

# Only tests and the demo ask for it: a build alone needs no network. A second run finds the stamp
$(BUILD)/deps/stamp: .ci/deps.sh .ci/deps.lock
	@CC='$(CC)' sh .ci/deps.sh $(BUILD)/deps

# --- Use ------------------------------------------------------------------------------------------

# make may have decided on flags before deps installed pkg-config's files: hence the second make
demo: $(BUILD)/deps/stamp ## run sql/demo.sql in the sqlite3 shell (TARGET=: on that target)
	@$(MAKE) $(ON_ALL) $(SO)
	@sh .ci/demo.sh $(BUILD)

test: $(BUILD)/deps/stamp ## all tests: unit, SQL scripts in the real shell, embedding, server, docs
	@$(MAKE) $(ON_ALL) test-programs
	@sh tests/run $(BUILD)

# make test-trino runs the same cases on a cluster
test-rsql: $(BUILD)/deps/stamp ## Rockset SQL by its answers: the cases of tests/rsql (RSQL=NAME)
	@$(MAKE) $(ON_ALL) $(ROCKSETD)
	@tests/rsql/run $(BUILD) $(RSQL)

test-programs: $(SO) $(NEXT) $(LIB) $(ROCKSETD) $(UNIT) $(EMBED) $(POOR)

# $(BUILD)/asan looks for what was fetched where $(BUILD) has it
test-asan: $(BUILD)/deps/stamp ## unit tests, SQL scripts, embedding, server under ASan and UBSan
	@mkdir -p $(BUILD)/asan && ln -sfn ../deps $(BUILD)/asan/deps
	@$(MAKE) $(ON_ALL) BUILD=$(BUILD)/asan SAN=1 run-asan

run-asan: test-programs
	@RS_PRELOAD='$(ASAN_LIB):libstdc++.so.6' sh tests/run $(BUILD) unit sql embed server

test-fault: $(BUILD)/deps/stamp ## every allocation fails once, in a sanitized build
	@mkdir -p $(BUILD)/fault && ln -sfn ../deps $(BUILD)/fault/deps
	@$(MAKE) $(ON_ALL) BUILD=$(BUILD)/fault FAULT=1 run-fault

run-fault: $(FAULTS)
	@sh tests/run $(BUILD) fault

test-attack: $(BUILD)/deps/stamp ## crafted files, hostile templates and servers, forbidden routes
	@$(MAKE) $(ON_ALL) $(SO) $(ROCKSETD)
	@sh tests/attack/run $(BUILD) $(ATTACK)

test-attack-asan: $(BUILD)/deps/stamp ## the same under ASan and UBSan
	@mkdir -p $(BUILD)/asan && ln -sfn ../deps $(BUILD)/asan/deps
	@$(MAKE) $(ON_ALL) BUILD=$(BUILD)/asan SAN=1 run-attack

run-attack: $(SO) $(ROCKSETD)
	@RS_PRELOAD='$(ASAN_LIB):libstdc++.so.6' sh tests/attack/run $(BUILD) $(ATTACK)

test-console: $(BUILD)/deps/stamp ## rocksetd's console in Chromium (SHOTS=DIR: its pictures)
	@CC='$(CC)' sh .ci/deps.sh $(BUILD)/deps browser
	@$(MAKE) $(ON_ALL) $(ROCKSETD)
	@tests/console/run $(BUILD)
export SHOTS

test-kill: $(BUILD)/deps/stamp ## kill -9 during writes, pushes, documents: old or new, never mixed
	@$(MAKE) $(ON_ALL) $(SO) $(ROCKSETD)
	@sh tests/kill/run $(BUILD)

test-all: ## all that .ci/run runs, each in full: hours
	@FUZZ_SECONDS=300 PARITY_CASES= FAULT_EVERY=1 RSQL_EVERY=1 QUERIES=100000 \
	  ATTACK= MACHINES= NEWEST= SOAK_SECONDS=3600 BUILD=$(BUILD) .ci/run

soak: $(BUILD)/deps/stamp ## rocksetd under mixed load for SOAK_SECONDS=3600
	@$(MAKE) $(ON_ALL) $(ROCKSETD)
	@python3 tests/soak/soak.py $(BUILD)
export SOAK_SECONDS

fuzz: $(BUILD)/checked ## run the fuzzers, each for FUZZ_SECONDS=60
	@mkdir -p $(BUILD)/fuzz && ln -sfn ../deps $(BUILD)/fuzz/deps
	@$(MAKE) $(ON_ALL) BUILD=$(BUILD)/fuzz FUZZ=1 \
	  CC="$$(sh tests/fuzz/run compiler '$(CC)')" run-fuzz

run-fuzz: $(FUZZERS)
	@sh tests/fuzz/run $(BUILD)
export FUZZ_SECONDS

test-differential: $(BUILD)/deps/stamp ## random queries, virtual and native (SEED=, QUERIES=)
	@CC='$(CC)' sh .ci/deps.sh $(BUILD)/deps clients
	@$(MAKE) $(ON_ALL) $(SO) $(ROCKSETD)
	@tests/differential/run $(BUILD)
export SEED QUERIES FAULT_QUERIES JOBS

test-differential-faults: $(BUILD)/deps/stamp ## faults in a copy of the sources: each is found
	@$(MAKE) $(ON_ALL) $(SO)
	@CC='$(CC)' tests/differential/check_faults $(BUILD)

test-conformance: $(BUILD)/deps/stamp ## one suite on every adapter: DuckDB, rocksetd
	@$(MAKE) $(ON_ALL) $(SO) $(ROCKSETD)
	@tests/conformance/run $(BUILD)

test-newest: $(BUILD)/deps/stamp ## SQL scripts and Python tests with the newest SQLite
	@CC='$(CC)' sh .ci/deps.sh $(BUILD)/deps clients
	@$(MAKE) $(ON_ALL) $(SO) $(NEXT) $(ROCKSETD)
	@tests/newest/run $(BUILD)

test-trino: $(BUILD)/deps/stamp ## on a Trino cluster (fetched; needs a JDK 24)
	@$(MAKE) $(ON_ALL) $(SO) $(ROCKSETD)
	@tests/trino/run $(BUILD)

test-postgres: $(BUILD)/deps/stamp ## on a PostgreSQL server through its ADBC driver (fetched)
	@$(MAKE) $(ON_ALL) $(SO)
	@tests/postgres/run $(BUILD)

test-sqlite: $(BUILD)/deps/stamp ## on SQLite files through SQLite's ADBC driver (fetched)
	@$(MAKE) $(ON_ALL) $(SO)
	@tests/sqlite/run $(BUILD)

test-s3: $(BUILD)/deps/stamp ## sources in buckets, against moto (fetched)
	@CC='$(CC)' sh .ci/deps.sh $(BUILD)/deps clients
	@$(MAKE) $(ON_ALL) $(ROCKSETD)
	@tests/s3/run $(BUILD)

test-kafka: $(BUILD)/deps/stamp ## sources of Kafka, on a broker (fetched; needs a JRE 17)
	@$(MAKE) $(ON_ALL) $(ROCKSETD)
	@tests/kafka/run $(BUILD)

test-adapter: $(BUILD)/deps/stamp ## the adapter of docs/adding-an-adapter.md, built from that page
	@$(MAKE) $(ON_ALL) $(SO)
	@tests/adapter/run $(BUILD)

test-dbt: $(BUILD)/deps/stamp ## dbt with dbt-rockset against rocksetd (docs/dbt-rockset.md)
	@CC='$(CC)' sh .ci/deps.sh $(BUILD)/deps clients
	@$(MAKE) $(ON_ALL) $(ROCKSETD)
	@tests/dbt/run $(BUILD)

test-parity-project: $(BUILD)/deps/stamp ## an imported dbt project compiles as dbt compiles it
	@$(MAKE) $(ON_ALL) $(SO)
	@tests/parity_project/run $(BUILD)

test-artifacts: $(BUILD)/deps/stamp ## dbt's artifacts, read by dbt-artifacts-parser
	@CC='$(CC)' sh .ci/deps.sh $(BUILD)/deps clients
	@$(MAKE) $(ON_ALL) $(SO)
	@tests/artifacts/run $(BUILD)

test-parity: $(BUILD)/deps/stamp ## the Jinja engine against dbt's Jinja2 (PARITY_SEED=, _CASES=)
	@$(MAKE) $(ON_ALL) $(PARITY)
	@tests/parity/run $(BUILD)
export PARITY_SEED PARITY_CASES PARITY_ONLY

test-clients: $(BUILD)/deps/stamp ## Rockset's official clients against rocksetd
	@CC='$(CC)' sh .ci/deps.sh $(BUILD)/deps clients
	@$(MAKE) $(ON_ALL) $(ROCKSETD)
	@sh tests/clients/run $(BUILD)

serve: $(BUILD)/deps/stamp ## run rocksetd on the demo's data (build/serve.duckdb, 127.0.0.1:8080)
	@$(MAKE) $(ON_ALL) $(ROCKSETD)
	@sh .ci/serve.sh $(BUILD)

lint: ## format and house rules
	@CC='$(CC)' sh .ci/deps.sh $(BUILD)/deps lint
	@CC='$(CC)' sh .ci/lint.sh

bench: $(BUILD)/deps/stamp ## measure (tests/bench)
	@$(MAKE) $(ON_ALL) $(SO) $(ROCKSETD) $(BENCHES)
	@$(if $(BENCH),sh tests/bench/run $(BUILD),echo 'tests/bench/run is not there yet')

bench-server: $(BUILD)/deps/stamp ## measure rocksetd under load; BENCH_SECONDS=10 a case
	@CC='$(CC)' sh .ci/deps.sh $(BUILD)/deps bench
	@$(MAKE) $(ON_ALL) $(ROCKSETD)
	@sh tests/bench/run $(BUILD) server

bench-trino: $(BUILD)/deps/stamp ## measure a Trino cluster (fetched; needs a JDK 24)
	@$(MAKE) $(ON_ALL) $(SO)
	@sh tests/bench/run $(BUILD) trino

site: ## the pages of docs/ as a site, in BUILD/site
	@CC='$(CC)' sh .ci/deps.sh $(BUILD)/deps site
	@sh .ci/site.sh $(BUILD)

test-how-to: $(BUILD)/deps/stamp ## what the Python, JavaScript and C of the pages does
	@CC='$(CC)' sh .ci/deps.sh $(BUILD)/deps clients
	@$(MAKE) $(ON_ALL) $(SO) $(LIB) $(ROCKSETD)
	@CC='$(CC)' sh tests/docs/run $(BUILD)

test-site: site ## its links, its hosts, its examples, its search
	@tests/site/run $(BUILD)

picture: $(BUILD)/deps/stamp ## docs/terminal.svg anew: the README's SQL in the sqlite3 shell
	@$(MAKE) $(ON_ALL) $(SO)
	@python3 .ci/terminal.py $(BUILD) docs/terminal.svg

install: $(SO) $(LIB) $(ROCKSETD) ## install where .load finds it; below PREFIX= if given
	@CC='$(CC)' AR='$(AR)' VERSION='$(VERSION)' sh .ci/install.sh install $(BUILD)

uninstall: ## remove what install put there (same PREFIX=, EXTDIR=, DESTDIR=)
	@CC='$(CC)' VERSION='$(VERSION)' sh .ci/install.sh uninstall $(BUILD)
export PREFIX EXTDIR DESTDIR

PACKAGED = $(shell uname -m)-linux
packages: $(BUILD)/deps/stamp ## wheels, npm's and Debian's packages, in BUILD/packages
	@CC='$(CC)' sh .ci/deps.sh $(BUILD)/deps packages
	@$(MAKE) $(ON_ALL) all
	+@CC='$(CC)' sh .ci/packages/make.sh $(BUILD) $(VERSION)

test-zig: $(BUILD)/deps/stamp ## all tests on a build as packages hold it
	+@CC='$(CC)' sh .ci/packages/binaries.sh $(BUILD) $(PACKAGED) test
	@sh tests/run $(BUILD)/packages/$(PACKAGED)/test

test-packages: packages ## install each where no compiler is, and run what a user runs first
	@sh .ci/deps.sh $(BUILD)/deps machines || :
	@tests/packages/run $(BUILD)

clean: ## remove what was built, keep what was fetched
	@find $(BUILD) -mindepth 1 -maxdepth 1 ! -name deps -exec rm -rf {} + 2>/dev/null || true

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | \
	  awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'
