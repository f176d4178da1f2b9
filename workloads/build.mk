# SPDX-License-Identifier: GPL-3.0-or-later
# The static workload (musl) and the freestanding hello kernel.

# One program for both sides of a comparison: what a distribution's compiler adds by default
# (hardening, PIE) is switched off, so that the same code comes out everywhere.
WORKLOAD_CFLAGS := -std=gnu11 $(WARN) -O2 -fno-pie -fno-stack-protector -fcf-protection=none \
	-U_FORTIFY_SOURCE -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections \
	-I. -D_GNU_SOURCE -MMD -MP
# Its start is what is measured: each mapping that an exec makes and each page that is touched counts. Two mappings
# instead of four; no gap before .data (a static program makes nothing read-only late); small variables in one page.
WORKLOAD_LDFLAGS := -static -no-pie -s -Wl,--gc-sections -Wl,--build-id=none -Wl,-e,workload_entry \
	-Wl,-z,noseparate-code -Wl,-z,norelro -Wl,--sort-section=alignment
WORKLOAD_MAX := 153600 # bytes: it is in the initramfs of every guest
WORKLOAD_OBJ := $(patsubst %.c,$(BUILD)/musl/%.o,$(wildcard workloads/*.c)) \
	$(BUILD)/musl/workloads/entry.o

$(BUILD)/musl/workloads/%.o: workloads/%.c $(BUILT_BY) workloads/build.mk
	$(call say,MUSL,$<)
	@mkdir -p $(@D)
	$(Q)$(MUSL_CC) $(WORKLOAD_CFLAGS) -c -o $@ $<

$(BUILD)/musl/%.o: %.S
	$(call say,MUSL,$<)
	@mkdir -p $(@D)
	$(Q)$(MUSL_CC) $(WORKLOAD_CFLAGS) -c -o $@ $<

$(BUILD)/workload: $(WORKLOAD_OBJ)
	$(call say,LD,$@)
	$(Q)$(MUSL_CC) $(WORKLOAD_LDFLAGS) -o $@ $^
	$(Q)size=$$(stat -c %s $@); if [ $$size -gt $(WORKLOAD_MAX) ]; then \
		echo "$@: $$size bytes, more than $(WORKLOAD_MAX)" >&2; rm $@; exit 1; fi

# What the demonstrations run: the same beginnings, so the same rules (workloads/demo/probe.h).
DEMO_OBJ := $(filter-out %/main.o,$(WORKLOAD_OBJ)) \
	$(patsubst %.c,$(BUILD)/musl/%.o,$(wildcard workloads/demo/*.c)) $(BUILD)/musl/workloads/demo/hello.o

# The other kernel's file goes along, to be started as a program.
$(BUILD)/musl/workloads/demo/hello.o: WORKLOAD_CFLAGS += -DHELLO_ELF='"$(BUILD)/hello.elf"'
$(BUILD)/musl/workloads/demo/hello.o: $(BUILD)/hello.elf

$(BUILD)/demo-probe: $(DEMO_OBJ)
	$(call say,LD,$@)
	$(Q)$(MUSL_CC) $(WORKLOAD_LDFLAGS) -o $@ $^

# The demonstration libc: the same calls through two C libraries and through none. Both libraries are shared ones, so
# that it shows in which file the instruction lies.
DEMO_LIBC_CFLAGS := -std=gnu11 $(WARN) -O2 -D_GNU_SOURCE -s

$(BUILD)/demo-libc-glibc: workloads/demo/libc/hello.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(DEMO_LIBC_CFLAGS) -o $@ $<

$(BUILD)/demo-libc-musl: workloads/demo/libc/hello.c
	$(call say,MUSL,$@)
	@mkdir -p $(@D)
	$(Q)$(MUSL_CC) $(DEMO_LIBC_CFLAGS) -o $@ $<

$(BUILD)/demo-libc-bare: workloads/demo/libc/bare.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(DEMO_LIBC_CFLAGS) -ffreestanding -fno-stack-protector -fno-pie -no-pie -static -nostdlib \
		-Wl,-e,bare_start -o $@ $<

# The same sources by the host's compiler, for the unit tests only.
$(eval $(call FOLDER_RULE,workloads))
$(BUILD)/tests/test_workloads_run: $(BUILD)/workload

-include $(WORKLOAD_OBJ:.o=.d) $(DEMO_OBJ:.o=.d) $(patsubst %.o,%.d,$(call obj,workloads))
-include workloads/hello_kernel/build.mk
