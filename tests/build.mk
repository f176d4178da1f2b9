# SPDX-License-Identifier: GPL-3.0-or-later
# Unit tests: tests/unit/test_<folder>_<what>.c is linked with the libraries that <folder> may use, and
# with no others: that is how the direction between the folders is proved.
UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT_BIN := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(UNIT_SRC))
folder_of = $(word 2,$(subst _, ,$(basename $(notdir $(1)))))

TEST_LIBS_base := base
TEST_LIBS_vmm := vmm base
TEST_LIBS_ctr := ctr base
TEST_LIBS_workloads := workloads
TEST_LIBS_results := results base
TEST_LIBS_runner := runner vmm ctr results base
TEST_EXT_base := -lgsl -lgslcblas -lm $(LIBS_base)
TEST_EXT_vmm := $(LIBS_vmm) $(LIBS_base)
TEST_EXT_ctr := $(LIBS_ctr) $(LIBS_base)
TEST_EXT_results := $(LIBS_results) $(LIBS_base)
TEST_EXT_runner := $(LIBS_ALL)

.SECONDEXPANSION:
$(BUILD)/tests/%: tests/unit/%.c $$(call lib,$$(TEST_LIBS_$$(call folder_of,$$*)))
	$(call say,TEST,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(filter %.a,$^) $(TEST_EXT_$(call folder_of,$*)) -lcmocka

# What the container tests run inside: static, since there is nothing else in there.
$(BUILD)/tests/ctr_payload: tests/tools/ctr_payload.c
	$(call say,MUSL,$<)
	@mkdir -p $(@D)
	$(Q)$(MUSL_CC) -std=gnu11 -O1 -static -s $(WARN) -D_GNU_SOURCE -o $@ $<
# What tries to get out of them.
$(BUILD)/tests/ctr_attack: $(wildcard tests/tools/attack/*.[ch])
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O1 -static -s $(WARN) -D_GNU_SOURCE -o $@ $(filter %.c,$^) -pthread
$(filter $(BUILD)/tests/test_ctr_%,$(UNIT_BIN)): | $(BUILD)/tests/ctr_payload $(BUILD)/tests/ctr_attack

# What the runtimes' tests must be able to end.
$(BUILD)/tests/hang: tests/tools/hang.c
	$(call say,MUSL,$<)
	@mkdir -p $(@D)
	$(Q)$(MUSL_CC) -std=gnu11 -O1 -static -s $(WARN) -o $@ $<

# One fault at a time, for tests/e2e/faults.sh: a tracer, static so that it runs in the emulated machine, and what it preloads.
$(BUILD)/tests/inject: $(addprefix tests/tools/inject,.c _calls.c _calls.h) | $(BUILD)/tests/inject_alloc.so
	$(call say,CC,$<)
	$(Q)$(CC) -std=gnu11 -O1 -static -s $(WARN) -D_GNU_SOURCE -I. -o $@ $(filter %.c,$^)
$(BUILD)/tests/inject_alloc.so: tests/tools/inject_alloc.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O1 -shared -fPIC -fno-builtin $(WARN) -D_GNU_SOURCE -o $@ $<

# By hand, see docs/containers.md.
$(BUILD)/tests/ctr_compare $(BUILD)/tests/ctr_floor: $(BUILD)/tests/%: tests/tools/%.c $(call lib,ctr base) | $(BUILD)/tests/ctr_payload
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(filter %.a,$^) $(LIBS_ctr) $(LIBS_base)

# Static, for an initramfs: sources, since a library with sanitizers cannot be linked so.
$(BUILD)/tests/ctr_run: tests/tools/ctr_run.c $(wildcard ctr/*.[ch]) $(wildcard base/*.h) base/err.c base/fds.c base/guard.c base/owner.c base/proc.c base/ready.c base/util.c
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O1 $(WARN) -I. -D_GNU_SOURCE -static -o $@ $(filter %.c,$^) -lseccomp -lcap

# The VM runtime's test starts real VMMs; vmrun is the same by hand.
$(addprefix $(BUILD)/tests/test_vmm_,attacks guest relro restore sandbox_rows): | $(BUILD)/bench-vmm
$(BUILD)/tests/vmrun: tests/tools/vmrun.c $(call lib,vmm base) | $(BUILD)/bench-vmm
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(filter %.a,$^) $(LIBS_vmm) $(LIBS_base)

# Do the statistics hold what they promise? docs/statistics.md; half a minute, so not a part of "make test".
$(BUILD)/tests/stats_check: tests/tools/stats_check.c $(call lib,results base)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(filter %.a,$^) $(LIBS_results) $(LIBS_base)
.PHONY: stats-check
stats-check: $(BUILD)/tests/stats_check
	$(Q)$< tests/data/recorded-host

# The direction once more, as the drawing of docs/architecture.md has it.
.PHONY: check-includes
check-includes:
	$(Q)scripts/check-includes

# Those that make VMs go to where there is KVM.
KVM_TESTS := $(addprefix $(BUILD)/tests/test_vmm_,attacks floor guest probe restore sandbox_rows)
# ThreadSanitizer has a thread of its own, which it does not give to a child by clone(2) itself (ctr/child.c, vmm/empty_ns.c),
# and calls of its own where calls are counted.
TSAN_OFF := $(addprefix $(BUILD)/tests/test_,ctr_% vmm_sandbox_% workloads_count)
UNIT_OFF := $(KVM_TESTS) $(if $(filter 1,$(TSAN)),$(filter $(TSAN_OFF),$(UNIT_BIN)))
.PHONY: unit
unit: check-includes $(UNIT_BIN) fuzz-replay | $(BUILD)/bench $(BUILD)/bench-vmm $(BUILD)/hello.elf
	$(Q)for t in $(filter-out $(UNIT_OFF),$(UNIT_BIN)); do $$t || exit 1; done
	$(Q)tests/tools/with-kvm $(BUILD) $(KVM_TESTS)

include tests/fuzz/build.mk

-include $(UNIT_BIN:=.d)
