# SPDX-License-Identifier: GPL-3.0-or-later
# What looks for errors besides the tests. Each target fails where its tool finds something; where a tool is wrong, that is
# said at the place, or here where it is wrong in general, with the reason. The tools: scripts/install-deps analysis.
#   make -j tidy cppcheck analyze    of the sources, a file at a time; what has not changed is not looked at again
#   make valgrind                    the unit tests under memcheck
#   make SAN=1 unit    make TSAN=1 unit    the same with ASan and UBSan, with ThreadSanitizer
ANALYZED := $(foreach f,$(FOLDERS) workloads,$(call src,$(f))) $(wildcard */main.c)
ANALYZE_FLAGS = $(WARN) -std=gnu11 -I. -D_GNU_SOURCE -DBENCH_CFLAGS='""' $(KNOWN)
KNOWN = -include tests/tools/analysis.h
$(addprefix $(BUILD)/,$(addsuffix /base/err.ok,tidy analyze)): KNOWN := # which defines them
$(BUILD)/tidy/workloads/%.ok $(BUILD)/analyze/workloads/%.ok: KNOWN := # they know nothing of base
ANALYZED_HEADERS := $(wildcard */*.h */*/*.h */*.def */*/*.def)

# cppcheck knows neither scoped clean-up (base/util.h), which it takes for leaks, nor in what a library's macros end: LeakSanitizer,
# memcheck and -fanalyzer see leaks.
# cppcheck 2.10 does not know __VA_OPT__ (C23) in runner/demo/page.h, and leaves the files that use it.
CPPCHECK_OFF := memleak resourceLeak unknownMacro syntaxError:runner/demo/*
command_cppcheck = cppcheck --quiet --std=c11 --enable=warning,portability,performance --inline-suppr --error-exitcode=1 \
	--library=gnu $(CPPCHECK_OFF:%=--suppress=%) -I. -D_GNU_SOURCE -D__x86_64__ $<
command_tidy = clang-tidy --quiet --warnings-as-errors='*' $< -- $(ANALYZE_FLAGS)
# clang has none; hence not CC. gcc 12 does not follow an array that realloc has moved into its owner, and calls it leaked:
# LeakSanitizer and memcheck see leaks. Of truncation the build itself warns, which knows more of sizes at -O2.
ANALYZER_OFF := -Wno-analyzer-malloc-leak -Wno-format-truncation
command_analyze = gcc $(ANALYZE_FLAGS) -O1 -fanalyzer $(ANALYZER_OFF) -Werror -S -o /dev/null $<

define ANALYSIS_RULE
.PHONY: $(1)
$(1): $(ANALYZED:%.c=$(BUILD)/$(1)/%.ok)
$(BUILD)/$(1)/%.ok: %.c $(ANALYZED_HEADERS) tests/tools/analysis.h
	$$(call say,$(1),$$<)
	@mkdir -p $$(@D)
	$$(Q)$$(command_$(1))
	@touch $$@
endef
$(foreach tool,tidy cppcheck analyze,$(eval $(call ANALYSIS_RULE,$(tool))))

# Memcheck. Without hardening, which gives variables a value. Left out, since memcheck
# - has no clone with a stack and namespaces, and filters of system calls end memcheck itself: test_ctr_*
# - does not know KVM's ioctls: those of KVM_TESTS
# - would be the process that is counted and traced: test_workloads_count, test_runner_demo_watch
# - has (3.19) neither pidfds nor openat2, nor memory that is shared with a child of vfork, and answers exec and CPUID itself:
#   the others
VALGRIND_OFF := test_ctr_% $(notdir $(KVM_TESTS)) test_workloads_count test_runner_demo_watch \
	$(addprefix test_base_,fds guard proc ready) test_vmm_sandbox_calls test_vmm_sandbox_process test_workloads_demo_start \
	$(addprefix test_runner_,demo_userland machine peer qemu resume startup tree)
VALGRIND := timeout -k 9 1200 valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite --child-silent-after-fork=yes
VALGRIND_DONE := $(patsubst %,$(BUILD)/memcheck/%.ok,$(filter-out $(VALGRIND_OFF),$(notdir $(UNIT_BIN))))
.PHONY: valgrind memcheck
valgrind:
	$(Q)$(MAKE) --no-print-directory BUILD=build/valgrind HARDEN=0 memcheck
memcheck: $(VALGRIND_DONE)
$(BUILD)/memcheck/%.ok: $(BUILD)/tests/% | $(BUILD)/bench $(BUILD)/workload $(BUILD)/hello.elf
	$(call say,MEMCHECK,$<)
	@mkdir -p $(@D)
	$(Q)$(VALGRIND) $<
	@touch $@
