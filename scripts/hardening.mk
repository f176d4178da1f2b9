# SPDX-License-Identifier: GPL-3.0-or-later
# What stands in the way of who makes one of our programs misbehave (docs/security.md): as far as the compiler has it, and
# before the builder's own flags, so that those have the last word. tests/e2e/hardened.sh looks for it in the programs.
# HARDEN=0 is for tools that look for what this would hide: variables without a value, copies that are too long.
HARDEN ?= 1

# $(call takes,COMPILER,FLAGS): what the compiler takes of the flags. All at once, and only if that fails one by one.
takes = $(shell try() { $(1) -Werror -O2 "$$@" -include stdio.h -x c -fsyntax-only /dev/null; }; exec 2>/dev/null; \
	if try $(2); then echo $(2); else for flag in $(2); do ! try "$$flag" || echo "$$flag"; done; fi)

# -fcf-protection is CET: indirect jumps that land nowhere but where one is meant to (IBT), returns that cannot be
# redirected (SHSTK). Which of it the CPU then does is up to the kernel, the C library and every other library.
HARDEN_WANTED := -fstack-protector-strong -fstack-clash-protection -fcf-protection -ftrivial-auto-var-init=zero

HARDEN_CFLAGS := $(filter-out $(CFLAGS),-fPIE)
HARDEN_LDFLAGS := $(filter-out $(LDFLAGS),-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
ifeq ($(HARDEN),1)
HARDEN_CFLAGS += $(filter-out $(CFLAGS),$(call takes,$(CC),$(HARDEN_WANTED)))

# Checked copies need an optimizing compiler, and glibc: musl has none. Who has chosen a level, like Debian's packages,
# keeps it. Level 3 also knows sizes that are found out at run time; a compiler that does not know it would only warn.
ifeq ($(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),)
ifneq ($(filter-out -O0,$(lastword $(filter -O%,$(CFLAGS)))),)
HARDEN_CFLAGS += -U_FORTIFY_SOURCE \
	-D_FORTIFY_SOURCE=$(if $(call takes,$(CC),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3),3,2)
endif
endif
endif
