# SPDX-License-Identifier: GPL-3.0-or-later
# Fuzzing. "make fuzz" builds all with clang's libFuzzer and sanitizers in a build folder of its own, and gives each
# target FUZZ_SECONDS (60); "make fuzz-csv" is one of them, and FUZZ_ARGS are libFuzzer's. What is found goes into
# tests/fuzz/findings/TARGET/ with the repair. Without clang, in "make unit": each input that is kept, once.
FUZZ_SECONDS ?= 60
FUZZ_BUILD ?= build/fuzz
FUZZ_SAN ?= address,undefined

# The targets, each with the folder whose libraries it is linked with, and the functions that it replaces.
FUZZ_TARGETS := image snapshot report csv manifest cmdline rootfs needs
FUZZ_FOLDER_image := vmm
FUZZ_FOLDER_snapshot := vmm
FUZZ_FOLDER_rootfs := runner
FUZZ_FOLDER_csv := results
FUZZ_FOLDER_manifest := results
FUZZ_FOLDER_report := runner
FUZZ_FOLDER_cmdline := runner
FUZZ_FOLDER_needs := runner
FUZZ_WRAP_image := unpack archive_read_data_block
FUZZ_WRAP_snapshot := kvm_call_ pread fstat mmap munmap
FUZZ_WRAP_csv := open fstat read close
FUZZ_WRAP_manifest := open fstat read close
FUZZ_WRAP_needs := open close pread fstat stat access readlink loader_check loader_ask
FUZZ_WRAP_rootfs := opendir fdopendir readdir closedir dirfd fstat fstatat openat readlinkat faccessat read close open \
	write geteuid getegid memfile_new memfile_seal
FUZZ_WRAP_cmdline := measure exec_job_open paths_find claims_book_read claims_newest compare_make rundir_make \
	demo_perform plot_run summary_make completion_bash completion_zsh man_page

# libFuzzer brings the main that calls a target; else it is ours.
FUZZ_MAIN ?= tests/fuzz/replay.c
FUZZ_BIN := $(FUZZ_TARGETS:%=$(BUILD)/tests/fuzz_%)
fuzz_folder = $(FUZZ_FOLDER_$(patsubst fuzz_%,%,$(notdir $(1))))
fuzz_wraps = $(patsubst %,-Wl$(,)--wrap=%,$(FUZZ_WRAP_$(patsubst fuzz_%,%,$(notdir $(1)))))
, := ,
$(FUZZ_BIN): $(BUILD)/tests/%: tests/fuzz/%.c tests/fuzz/fuzz.h $$(call lib,$$(TEST_LIBS_$$(call fuzz_folder,$$*))) \
		$(filter %.c,$(FUZZ_MAIN))
	$(call say,FUZZ,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(call fuzz_wraps,$@) -o $@ $< $(FUZZ_MAIN) $(filter %.a,$^) \
		$(TEST_EXT_$(call fuzz_folder,$*))

.PHONY: fuzz-replay
fuzz-replay: $(FUZZ_BIN)
	$(Q)for t in $(FUZZ_TARGETS); do \
		$(BUILD)/tests/fuzz_$$t tests/fuzz/corpus/$$t tests/fuzz/findings/$$t || exit 1; done

# New inputs that reach something go into the build folder's own corpus, from which a later run goes on.
.PHONY: fuzz $(FUZZ_TARGETS:%=fuzz-%)
fuzz:
	$(Q)failed=; for t in $(FUZZ_TARGETS); do $(MAKE) --no-print-directory fuzz-$$t || failed="$$failed $$t"; done; \
		[ -z "$$failed" ] || { echo "fuzz: findings in:$$failed"; exit 1; }
$(FUZZ_TARGETS:%=fuzz-%): fuzz-%:
	$(Q)scripts/install-deps build fuzz
	$(Q)$(MAKE) --no-print-directory BUILD=$(FUZZ_BUILD) CC=clang CFLAGS='-O2 -g' WARN=-Wall FUZZ_MAIN=-fsanitize=fuzzer$(,)$(FUZZ_SAN) \
		SANFLAGS='-fsanitize=fuzzer-no-link$(,)$(FUZZ_SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer' \
		$(FUZZ_BUILD)/tests/fuzz_$*
	$(Q)tests/fuzz/run $(FUZZ_BUILD) $* -max_total_time=$(FUZZ_SECONDS) $(FUZZ_ARGS)
