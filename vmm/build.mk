# SPDX-License-Identifier: GPL-3.0-or-later
# bench-vmm, with musl: before its main glibc asks the CPU some twenty questions about its caches, each of which is an
# exit where the host is a VM itself: 0.3 ms of every launch, on a machine where all of an empty VM takes 1.3.
VMM_SRC := $(filter-out vmm/unpack.c vmm/cpio.c,$(wildcard vmm/*.c)) base/err.c base/ready.c base/util.c # no libarchive in it
VMM_OBJ := $(VMM_SRC:%.c=$(BUILD)/musl/%.o)
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
ifeq ($(HARDEN),1)
VMM_HARDEN := $(filter-out $(CFLAGS),$(call takes,$(MUSL_CC),$(HARDEN_WANTED)))
endif

# A static program at an address of chance relocates itself: the start for that is in rcrt1.o, which the wrapper musl-gcc
# knows nothing of (its specs have no -static-pie). A compiler that was made for musl does.
MUSL_LIB := $(shell sed -n 's:.*-specs "\(.*\)/musl-gcc.specs".*:\1:p' "$$(command -v $(firstword $(MUSL_CC)))" 2>/dev/null)
part = $(shell $(MUSL_CC) -print-file-name=$(1))
ifneq ($(MUSL_LIB),)
VMM_START = -static -nostartfiles -Wl,-pie,--no-dynamic-linker,-z,text $(MUSL_LIB)/rcrt1.o $(MUSL_LIB)/crti.o $(call part,crtbeginS.o)
VMM_END = $(call part,crtendS.o) $(MUSL_LIB)/crtn.o
else
VMM_START := -static-pie
endif

# The kernel's headers are the host's: searched last, so that none of glibc's comes before musl's.
VMM_CFLAGS := -fPIE $(VMM_HARDEN) -std=gnu11 $(WARN) $(FLAGS_TEXT) $(NO_PLACE) -ffunction-sections -fdata-sections -I. -D_GNU_SOURCE \
	-MMD -MP -idirafter /usr/include -idirafter /usr/include/$(MULTIARCH)

$(BUILD)/musl/vmm/%.o: vmm/%.c $(BUILT_BY) vmm/build.mk
	$(call say,MUSL,$<)
	@mkdir -p $(@D)
	$(Q)$(MUSL_CC) $(VMM_CFLAGS) -c -o $@ $<
$(BUILD)/musl/base/%.o: base/%.c $(BUILT_BY) vmm/build.mk
	$(call say,MUSL,$<)
	@mkdir -p $(@D)
	$(Q)$(MUSL_CC) $(VMM_CFLAGS) -c -o $@ $<

$(BUILD)/bench-vmm: $(VMM_OBJ)
	$(call say,LD,$@)
	$(Q)$(MUSL_CC) $(VMM_START) $(filter -Wl%,$(LDFLAGS) $(HARDEN_LDFLAGS)) -Wl,--gc-sections -o $@ $^ $(VMM_END)

-include $(VMM_OBJ:.o=.d)
