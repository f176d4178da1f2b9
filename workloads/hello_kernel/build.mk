# SPDX-License-Identifier: GPL-3.0-or-later
# The hello kernel and its program: freestanding, at fixed addresses, without vector registers.
HELLO_DIR := workloads/hello_kernel
HELLO_CFLAGS := -std=gnu11 $(WARN) -O2 -ffreestanding -fno-pic -fno-pie -mno-red-zone \
	-mgeneral-regs-only -fno-stack-protector -fcf-protection=none -fno-tree-loop-distribute-patterns \
	-fno-asynchronous-unwind-tables -U_FORTIFY_SOURCE -I. -MMD -MP
HELLO_LDFLAGS := -s -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=4096 \
	-Wl,-z,noexecstack -Wl,--fatal-warnings
HELLO_SRC := $(wildcard $(HELLO_DIR)/*.c $(HELLO_DIR)/entry.S $(HELLO_DIR)/program/*.c \
	$(HELLO_DIR)/program/*.S)
HELLO_OBJ := $(patsubst $(HELLO_DIR)/%,$(BUILD)/hello/%.o,$(basename $(HELLO_SRC))) \
	$(BUILD)/hello/counts.o $(BUILD)/hello/cpu_loops.o
HELLO_LDS := $(BUILD)/hello/kernel.lds

$(BUILD)/hello/%.o: $(HELLO_DIR)/%.c
	$(call say,HELLO,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(HELLO_CFLAGS) -c -o $@ $<

# What of the workload needs no operating system.
$(BUILD)/hello/counts.o $(BUILD)/hello/cpu_loops.o: $(BUILD)/hello/%.o: workloads/%.c
	$(call say,HELLO,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(HELLO_CFLAGS) -c -o $@ $<

$(BUILD)/hello/%.o: $(HELLO_DIR)/%.S
	$(call say,HELLO,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(HELLO_CFLAGS) -c -o $@ $<

$(HELLO_LDS): $(HELLO_DIR)/kernel.lds.S
	@mkdir -p $(@D)
	$(Q)$(CC) -E -P -D__ASSEMBLER__ -I. -MMD -MP -MT $@ -MF $(@:.lds=.lds.d) -o $@ -x c $<

$(BUILD)/hello.elf: $(HELLO_OBJ) $(HELLO_LDS)
	$(call say,LD,$@)
	$(Q)$(CC) $(HELLO_LDFLAGS) -T $(HELLO_LDS) -o $@ $(HELLO_OBJ)

-include $(HELLO_OBJ:.o=.d) $(HELLO_LDS).d

$(BUILD)/tests/test_vmm_probe: $(BUILD)/hello.elf $(BUILD)/bench-vmm
