# wasme: make, make check, make check-hosts, make lint, make fuzz, make install, make quickstart.
#   SANITIZE=1   build with ASan and UBSan, into a folder of its own
#   CC=clang     build with another compiler, likewise
#   WERROR=1     warnings are errors, as in CI
#   V=1          show the commands
#   STRICT=1     with check: a skipped test is a failure

VERSION := $(shell cat VERSION)
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR ?= $(PREFIX)/share/zsh/site-functions
SYSTEMDDIR ?= $(PREFIX)/lib/systemd/system
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d

Q := $(if $(V),,@)

ifeq ($(origin CC),default)
CC := gcc
endif
FLAVOUR := $(notdir $(firstword $(CC)))$(if $(SANITIZE),-sanitize)$(if $(FUZZ),-fuzz)
BUILD ?= build/$(FLAVOUR)

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wwrite-strings -Wformat=2 -Wundef -Wvla $(if $(WERROR),-Werror)
HARDEN := -fstack-protector-strong -fstack-clash-protection
ifneq ($(filter x86_64% i%86%,$(shell $(CC) -dumpmachine)),)
HARDEN += -fcf-protection
endif
ifneq ($(SANITIZE)$(FUZZ),)
OPTIMISE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all \
	$(if $(FUZZ),-fsanitize=fuzzer-no-link)
LINK := -fsanitize=address,undefined
else
OPTIMISE ?= -O2 -g
# Coverage and sanitizers do their work in exit handlers.
QUICK_EXIT := $(if $(filter --coverage -fprofile% -fsanitize%,$(CFLAGS) $(OPTIMISE)),,-DWASME_QUICK_EXIT)
HARDEN += -D_FORTIFY_SOURCE=2
LINK := -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,-O1 -Wl,--as-needed
endif

# The folder that it is built in leaves no trace: the same sources give the same program.
ALL_CFLAGS := -ffile-prefix-map=$(CURDIR)=. -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DWASME_VERSION='"$(VERSION)"' \
	-I. -Ilib -include base/banned.h -fPIE -pthread $(OPTIMISE) $(HARDEN) $(QUICK_EXIT) $(WARNINGS) $(CFLAGS)
ALL_LDFLAGS := -pie -pthread $(LINK) $(LDFLAGS)
# Linked: what every command may need. Of libcrypto these are only the functions for SHA-256 and MD5,
# from the static library. libarchive, libcurl, libgit2, libyaml, PCRE2 and zlib are loaded when first used.
LIBS := -ljansson -l:libcrypto.a -ldl

LIB_SRC := $(sort $(wildcard lib/*/*.c lib/*/*/*.c store/*.c store/*/*.c))
CMD_SRC := $(sort $(wildcard cmd/*.c cmd/serve/*.c cmd/run/*.c completions/*.c))
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/%.o)
CMD_OBJ := $(CMD_SRC:%.c=$(BUILD)/%.o)

.DEFAULT_GOAL := all
.PHONY: all
all: $(BUILD)/wasme wasme

# A name without the compiler in it, for people and for the tests.
.PHONY: wasme
wasme: $(BUILD)/wasme
	@ln -sf $(BUILD)/wasme wasme

$(BUILD)/wasme: $(CMD_OBJ) $(BUILD)/libwasme.a
	@echo "  LINK $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/libwasme.a: $(LIB_OBJ)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/%.o: %.c VERSION
	@mkdir -p $(@D)
	@echo "  CC   $<"
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The compiler does not list files that it takes in by .incbin.
$(BUILD)/lib/starter/files.o: $(shell find lib/starter/files lib/starter/outlines -type f)
$(BUILD)/cmd/serve/assets.o: cmd/serve/page.css cmd/serve/page.js

-include $(LIB_OBJ:.o=.d) $(CMD_OBJ:.o=.d)

.PHONY: clean
clean:
	rm -rf build wasme

include man/rules.mk
include tests/rules.mk
