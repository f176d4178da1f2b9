# SPDX-License-Identifier: GPL-3.0-or-later
# make            build            make run    install what is missing, build, measure, plot
# make test       all tests        make SAN=1 test    the same with ASan and UBSan
# make soak       ten thousand launches, a thousand restores, a run stopped at every place
# make kills      SIGKILL at a thousand moments
# make fuzz       a minute for each reader of others' files, by clang
# make faults     each allocation and system call fails once
# make tidy cppcheck analyze valgrind    looks for errors: tests/analysis.mk     make format    clang-format in place
# make bench-check    starting up held against the baseline, in instructions
# make install PREFIX=/usr/local DESTDIR=    make uninstall    make deb    docs/install.md
# make stats-check    the statistics held against populations whose truth is known
# V=1 shows the commands.

SAN ?= 0
TSAN ?= 0
ifeq ($(SAN),1)
BUILD ?= build/san
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
else ifeq ($(TSAN),1)
BUILD ?= build/tsan
SANFLAGS := -fsanitize=thread -fno-omit-frame-pointer
else
BUILD ?= build
endif

CC ?= cc
MUSL_CC ?= musl-gcc
WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla \
	-Wundef -Wpointer-arith -Wwrite-strings -Wno-gnu-variable-sized-type-not-at-end # clang's: KVM's structures are made for it
CFLAGS ?= -O2 -g
ifneq ($(SANFLAGS),)
HARDEN := 0
endif
include scripts/hardening.mk
# Where it was built is neither in the programs nor in what they say of themselves.
NO_PLACE := -ffile-prefix-map=$(CURDIR)=.
FLAGS_TEXT := $(filter-out -ffile-prefix-map=% -fdebug-prefix-map=% -fmacro-prefix-map=%,$(CFLAGS))
ALL_CFLAGS = $(HARDEN_CFLAGS) $(CPPFLAGS) $(CFLAGS) -DBENCH_CFLAGS='"$(FLAGS_TEXT)"' -std=gnu11 $(WARN) $(NO_PLACE) -I. -D_GNU_SOURCE \
	-MMD -MP $(SANFLAGS)
ALL_LDFLAGS = $(HARDEN_LDFLAGS) $(LDFLAGS) $(SANFLAGS)

ifneq ($(V),1)
Q := @
say = @printf '  %-7s %s\n' '$(1)' '$(2)'
endif

# One static library per folder; the linker proves the direction runner -> {vmm, ctr, results} -> base.
FOLDERS := base vmm ctr results runner
SUBFOLDERS_runner := demo
SUBFOLDERS_workloads := demo
src = $(filter-out %/main.c,$(wildcard $(1)/*.c $(patsubst %,$(1)/%/*.c,$(SUBFOLDERS_$(1)))))
obj = $(patsubst %.c,$(BUILD)/%.o,$(call src,$(1)))
LIBS_base := -lmd
LIBS_vmm := -larchive
LIBS_ctr := -lseccomp -lcap
LIBS_results := -lcsv -ljansson -lgsl -lgslcblas -lm
LIBS_ALL := $(LIBS_vmm) $(LIBS_ctr) $(LIBS_results) $(LIBS_base)
lib = $(patsubst %,$(BUILD)/lib%.a,$(1))

PROGRAMS := $(BUILD)/bench $(BUILD)/bench-vmm $(BUILD)/workload $(BUILD)/hello.elf $(BUILD)/demo-probe \
	$(patsubst %,$(BUILD)/demo-libc-%,glibc musl bare)

.PHONY: all
all: $(PROGRAMS) share

define FOLDER_RULE
$(BUILD)/lib$(1).a: $(call obj,$(1))
	$$(call say,AR,$$@)
	$(Q)rm -f $$@ && $$(AR) rcsD $$@ $$^
endef
$(foreach f,$(FOLDERS),$(eval $(call FOLDER_RULE,$(f))))

# What was built by other flags is built anew: a folder that is brought up to date need not be cleaned.
BUILT_BY := Makefile scripts/hardening.mk
$(BUILD)/%.o: %.c $(BUILT_BY)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/bench: $(BUILD)/runner/main.o $(call lib,runner vmm ctr results base)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_ALL)

# The VMM is a process of its own, static and small, so that its memory can be told apart; vmm/build.mk.
ifneq ($(SANFLAGS),)
$(BUILD)/bench-vmm: $(BUILD)/vmm/main.o $(call lib,vmm base)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_vmm) $(LIBS_base)
else
include vmm/build.mk
endif

# Folders that build with their own compilers and flags.
include workloads/build.mk
include tests/build.mk
include tests/analysis.mk
include scripts/install.mk

.PHONY: deps-build deps-run deps-peers deps-test deps-fleet deps-fuzz deps-analysis
deps-build deps-run deps-peers deps-test deps-fleet deps-fuzz deps-analysis: deps-%:
	$(Q)scripts/install-deps $*

# Everything, from a bare machine to plots. Sub-makes, so that what was installed is seen.
.PHONY: run
run:
	$(Q)scripts/install-deps build run
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(BUILD)/bench run --suite syscalls $(RUN_ARGS)

.PHONY: test
test:
	$(Q)scripts/install-deps build run test
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(MAKE) --no-print-directory unit
	$(Q)tests/e2e/run $(BUILD)

# Has starting become slower? By counting instructions: minutes, so not a part of "make test".
.PHONY: bench-check bench-baseline
bench-check bench-baseline: all
	$(Q)scripts/bench-check $(BUILD) $(if $(filter %baseline,$@),--update)
# Not part of "make test", which has them shorter: they take from minutes to hours. FIGURES=FILE keeps what they say.
LAUNCHES ?= 10000
LAUNCHES_OF_HELLO ?= $(LAUNCHES)
LAUNCHES_OF_LINUX ?= 200
KILLS ?= 1000
KILLS_OF_GUESTS ?= 300
KILLS_OF_MACHINES ?= 60
.PHONY: soak kills
soak: all $(BUILD)/tests/test_runner_resume
	$(Q)BENCH_CUT_EVERYWHERE=1 $(BUILD)/tests/test_runner_resume
	$(Q)LAUNCHES=$(LAUNCHES) LAUNCHES_OF_HELLO=$(LAUNCHES_OF_HELLO) LAUNCHES_OF_LINUX=$(LAUNCHES_OF_LINUX) \
		tests/e2e/run $(BUILD) tests/e2e/soak.sh
	$(Q)RESTORES=1000 ONLY=test_restores_in_a_row tests/e2e/run $(BUILD) tests/e2e/emulated-restore.sh
kills: all
	$(Q)KILLS=$(KILLS) KILLS_OF_GUESTS=$(KILLS_OF_GUESTS) KILLS_OF_MACHINES=$(KILLS_OF_MACHINES) \
		tests/e2e/run $(BUILD) tests/e2e/kills.sh

# Not part of "make test" but for a sample: some ten thousand runs, each with one fault in it. FAULTS_LOG=FILE keeps what came of each.
.PHONY: faults
faults: all
	$(Q)FAULTS=all FAULTS_FROM=0 tests/e2e/run $(BUILD) tests/e2e/faults.sh

.PHONY: clean
clean:
	rm -rf build

.PHONY: format format-check
C_FILES = $(shell git ls-files '*.c' '*.h')
format:
	clang-format -i $(C_FILES)
format-check:
	clang-format --dry-run -Werror $(C_FILES)
-include $(patsubst %.o,%.d,$(foreach f,$(FOLDERS),$(call obj,$(f))) $(BUILD)/runner/main.o $(BUILD)/vmm/main.o)
