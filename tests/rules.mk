# Tests, lint, fuzzing and measuring. tests/run.sh runs the tests that are built here, and counts.
#   T=name           only tests whose file name contains this
#   JOBS=n           test files that run side by side (default: one more than there are processors)
#   FUZZ_SECONDS=n   time for each fuzz target

FUZZ_SECONDS ?= 60
FUZZ_CC ?= clang

UNIT_SRC := $(sort $(wildcard tests/unit/*.c))
UNIT_TESTS := $(patsubst %.c,$(BUILD)/%,$(filter tests/unit/test_%,$(UNIT_SRC)))
# Every test is linked with the files that are no tests themselves.
UNIT_SHARED := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/unit/test_%,$(UNIT_SRC)))
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_REPLAYS := $(FUZZ_SRC:tests/fuzz/%.c=$(BUILD)/tests/fuzz/replay_%)
FUZZ_TARGETS := $(FUZZ_SRC:%.c=$(BUILD)/%)
TEST_OBJ := $(UNIT_SRC:%.c=$(BUILD)/%.o) $(FUZZ_SRC:%.c=$(BUILD)/%.o) $(BUILD)/tests/fuzz/replay.o

RUN_TESTS = BUILD='$(abspath $(BUILD))' CC='$(CC)' STRICT='$(STRICT)' SANITIZE='$(SANITIZE)' \
	JOBS='$(JOBS)' T='$(T)' tests/run.sh
# Without cmocka the unit tests show as skipped; the build does not fail.
SEE_CMOCKA = $(CC) -E -include stdarg.h -include stddef.h -include stdint.h -include setjmp.h \
	-include cmocka.h -xc /dev/null >/dev/null 2>&1

.PHONY: check check-unit check-cli check-fuzz check-layers
check: check-prepare
	@$(RUN_TESTS) layers unit fuzz cli
check-unit: check-prepare
	@$(RUN_TESTS) unit
check-cli: check-prepare
	@$(RUN_TESTS) cli
check-fuzz: check-prepare
	@$(RUN_TESTS) fuzz
check-layers: program
	@$(RUN_TESTS) layers

# The real hosts are asked about the generated modules and about filters of real toolchains, which takes
# ten minutes. HOSTS='mosn ...' names columns of tests/hosts/recorded.tsv; RECORD=1 writes the answers
# into that table.
FILTERS := build/hosts/filters
.PHONY: check-hosts
check-hosts: program
	@scripts/unpack-peers.sh || true
	@scripts/build-tinygo.sh || true
	@scripts/unpack-rust.sh || true
	@tests/hosts/fetch.sh || true
	@rm -rf $(FILTERS) $(FILTERS).tsv
	@tests/hosts/filters/build.sh $(FILTERS)
	@tests/hosts/run.py --record --only $(FILTERS) --table $(FILTERS).tsv $(HOSTS)
	@tests/hosts/run.py $(if $(RECORD),--record) $(HOSTS)
	@tests/hosts/compare.py $(BUILD)/wasme --only $(FILTERS) --table $(FILTERS).tsv --unknown 1000
	@tests/hosts/compare.py $(BUILD)/wasme --unknown 100000

# Each source of tests/sources/sources.py, built by its real compiler, in a real Envoy: a table.
# RECORD=1 writes the table into docs/sources.md.
.PHONY: check-sources
check-sources: check-prepare
	@PATH="$(abspath build/peers/rust/bin):$$PATH:$(abspath build/peers/usr/bin)" tests/sources/run.py \
		$(if $(RECORD),--record) $(BUILD)/wasme $(SOURCES)

# The images of tests/hosts/gateways, given to the gateways' own code (Go modules, about 3 GB of Go's cache) and to wasme.
GATEWAYS_BUILD := build/gateways
.PHONY: check-gateways
check-gateways: program
	@test -x $(GATEWAYS_BUILD)/envoy-gateway || tests/hosts/gateways/build.sh $(GATEWAYS_BUILD)
	@python3 tests/hosts/gateways/run.py ./wasme --oracles $(GATEWAYS_BUILD)
	@python3 tests/hosts/gateways/logins.py ./wasme --oracles $(GATEWAYS_BUILD)
	@python3 tests/hosts/gateways/served.py ./wasme --oracles $(GATEWAYS_BUILD)

# What `wasme deploy` writes for each row of tests/deploy/matrix.tsv, given to the code of its readers (Go modules, about
# 5 GB of Go's cache): the API server's, Istio's webhook and agent, decK's, a real MOSN and a real Envoy. What --apply
# does is tried with a real API server and kubectl.
DEPLOY_BUILD := build/deploy
.PHONY: check-deploy
check-deploy: program
	@scripts/unpack-peers.sh || true
	@tests/deploy/build.sh $(DEPLOY_BUILD)
	@PATH="$$PATH:$(abspath build/peers/usr/bin)" python3 tests/deploy/run.py ./wasme --readers $(DEPLOY_BUILD)
	@python3 tests/deploy/cluster.py ./wasme --readers $(DEPLOY_BUILD)

# The conformance suite of the OCI distribution specification (a Go module) against `wasme serve`.
.PHONY: conformance
conformance: program
	@tests/conformance/run.sh $(BUILD)/wasme build/conformance

# The scripts say what is missing, and so do the tests that cannot run without it.
.PHONY: check-prepare
check-prepare:
	@scripts/install-deps.sh check || true
	@scripts/unpack-peers.sh || true
	@scripts/build-tinygo.sh || true
	@scripts/unpack-rust.sh || true
	@$(MAKE) --no-print-directory program
	@tests=fuzz-replays; if $(SEE_CMOCKA); then tests="$$tests unit-tests"; fi; \
		$(MAKE) --no-print-directory -k $$tests || true

.PHONY: program unit-tests fuzz-replays
program: $(BUILD)/wasme
	@:
unit-tests: $(UNIT_TESTS)
	@:
fuzz-replays: $(FUZZ_REPLAYS)
	@:

$(UNIT_TESTS): $(BUILD)/%: $(BUILD)/%.o $(UNIT_SHARED) $(filter-out %/cmd/main.o,$(CMD_OBJ)) \
		$(BUILD)/libwasme.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(LIBS)

# The target of a reader in cmd has its files, too.
$(BUILD)/tests/fuzz/replay_fuzz_suite $(BUILD)/tests/fuzz/fuzz_suite: $(filter-out %/cmd/main.o,$(CMD_OBJ))

$(FUZZ_REPLAYS): $(BUILD)/tests/fuzz/replay_%: $(BUILD)/tests/fuzz/%.o \
		$(BUILD)/tests/fuzz/replay.o $(BUILD)/libwasme.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS)

# Only with FUZZ=1, which `make fuzz` sets: the objects then carry libFuzzer's counters.
$(FUZZ_TARGETS): $(BUILD)/%: $(BUILD)/%.o $(BUILD)/libwasme.a
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS)

.PHONY: fuzz fuzz-run
fuzz:
	@scripts/install-deps.sh fuzz || true
	@$(MAKE) --no-print-directory fuzz-run FUZZ=1 CC=$(FUZZ_CC) FUZZ_SECONDS=$(FUZZ_SECONDS)
fuzz-run: $(FUZZ_TARGETS)
	@T='$(T)' tests/fuzz/run.sh $(FUZZ_SECONDS) $(FUZZ_TARGETS)

-include $(TEST_OBJ:.o=.d)

.PHONY: lint format bench bench-far bench-requests soak quickstart deps
lint:
	@scripts/install-deps.sh lint || true
	@JOBS='$(JOBS)' tests/lint.sh
format:
	clang-format -i $(wildcard lib/*/*.[ch] lib/*/*/*.[ch] store/*.[ch] store/*/*.[ch] cmd/*.[ch] cmd/serve/*.[ch] cmd/run/*.[ch] completions/*.[ch] \
		tests/*/*.[ch])

# A far registry takes many minutes, so `make bench` leaves that to bench-far.
bench: $(BUILD)/wasme
	@set -e; for script in $(sort $(filter-out tests/bench/common.sh tests/bench/serve.sh $(if $(T),,%/far.sh %/requests.sh), \
		$(wildcard tests/bench/*$(T)*.sh))); do WASME='$(abspath $(BUILD))/wasme' "$$script"; done
bench-far bench-requests: bench-%: $(BUILD)/wasme
	@WASME='$(abspath $(BUILD))/wasme' tests/bench/$*.sh
soak: $(BUILD)/wasme
	@tests/bench/soak.py --wasme $(BUILD)/wasme --requests $(or $(REQUESTS),1000000)

# A load generator, for `wasme serve` beside nginx.
$(BUILD)/tests/bench/load: tests/bench/load.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g $(WARNINGS) -o $@ $< -lssl -lcrypto
.PHONY: bench-serve
bench-serve: $(BUILD)/wasme $(BUILD)/tests/bench/load
	@WASME='$(abspath $(BUILD))/wasme' LOAD='$(abspath $(BUILD))/tests/bench/load' tests/bench/serve.sh

quickstart:
	@scripts/quickstart.sh
deps:
	@scripts/install-deps.sh build check lint
