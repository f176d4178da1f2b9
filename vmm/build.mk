# SPDX-License-Identifier: GPL-3.0-or-later
# bench-vmm, with musl: before its main glibc asks the CPU some twenty questions about its caches, each of which is an
# exit where the host is a VM itself: 0.3 ms of every launch, on a machine where all of an empty VM takes 1.3.
VMM_SRC := $(filter-out vmm/unpack.c vmm/cpio.c,$(wildcard vmm/*.c)) base/err.c base/ready.c base/util.c # no libarchive in it
VMM_OBJ := $(VMM_SRC:%.c=$(BUILD)/musl/%.o)
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
# The kernel's headers are the host's: searched last, so that none of glibc's comes before musl's.
VMM_CFLAGS := -std=gnu11 $(WARN) $(FLAGS_TEXT) $(NO_PLACE) -fno-pie -ffunction-sections -fdata-sections -I. -D_GNU_SOURCE \
	-MMD -MP -idirafter /usr/include -idirafter /usr/include/$(MULTIARCH)

$(BUILD)/musl/vmm/%.o: vmm/%.c
	$(call say,MUSL,$<)
	@mkdir -p $(@D)
	$(Q)$(MUSL_CC) $(VMM_CFLAGS) -c -o $@ $<
$(BUILD)/musl/base/%.o: base/%.c
	$(call say,MUSL,$<)
	@mkdir -p $(@D)
	$(Q)$(MUSL_CC) $(VMM_CFLAGS) -c -o $@ $<

$(BUILD)/bench-vmm: $(VMM_OBJ)
	$(call say,LD,$@)
	$(Q)$(MUSL_CC) -static -no-pie -Wl,--gc-sections -o $@ $^

-include $(VMM_OBJ:.o=.d)
