# SPDX-License-Identifier: GPL-3.0-or-later
# make install, make uninstall, make deb; docs/install.md. What is installed where is in one table, so that
# uninstall takes away what install has put there, and no more.
PREFIX ?= /usr/local
INSTALL ?= install
BINDIR := $(PREFIX)/bin
# bench looks here as seen from itself (runner/paths.c): the two cannot be chosen apart.
LIBEXEC := $(PREFIX)/libexec/bench
DATADIR := $(PREFIX)/share
DOCDIR := $(DATADIR)/doc/bench
BASHCOMPDIR ?= $(DATADIR)/bash-completion/completions
ZSHCOMPDIR ?= $(DATADIR)/zsh/site-functions

# Made by the program from its own tables.
SHARE := $(BUILD)/share/bench.1 $(BUILD)/share/bench $(BUILD)/share/_bench
share_args_bench.1 := man
share_args_bench := completion bash
share_args__bench := completion zsh
.PHONY: share
share: $(SHARE)
$(SHARE): $(BUILD)/bench
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$(BUILD)/bench $(share_args_$(@F)) >$@.new && mv $@.new $@

# All of scripts/ that is not for this tree alone; whatever can be executed here can be there.
TREE_SCRIPTS := scripts/bench-check scripts/build-deb scripts/%.mk scripts/debian/%
find_scripts = $(filter-out $(TREE_SCRIPTS),$(shell find scripts -type f $(1) | sort))
DOCS := README.md $(shell find docs -type f | sort)

# MODE:FILE:PLACE of every file.
put = $(foreach f,$(2),$(1):$(f):$(3)/$(notdir $(f)))
put_below = $(foreach f,$(2),$(1):$(f):$(3)/$(f))
INSTALLED = $(call put,755,$(BUILD)/bench,$(BINDIR)) \
	$(call put,755,$(filter-out %/bench,$(PROGRAMS)),$(LIBEXEC)) \
	$(call put_below,755,$(call find_scripts,-perm -u+x),$(LIBEXEC)) \
	$(call put_below,644,$(call find_scripts,! -perm -u+x),$(LIBEXEC)) \
	$(call put,644,$(BUILD)/share/bench.1,$(DATADIR)/man/man1) \
	$(call put,644,$(BUILD)/share/bench,$(BASHCOMPDIR)) \
	$(call put,644,$(BUILD)/share/_bench,$(ZSHCOMPDIR)) \
	$(call put_below,644,$(DOCS),$(DOCDIR)) \
	$(call put,644,LICENSE,$(DOCDIR))

.PHONY: install uninstall
install: all
	$(call say,INSTALL,$(DESTDIR)$(PREFIX))
	$(Q)for entry in $(INSTALLED); do \
		mode=$${entry%%:*} rest=$${entry#*:}; \
		$(INSTALL) -D -m $$mode "$${rest%%:*}" "$(DESTDIR)$${rest#*:}" || exit 1; \
	done

# Folders of our own go too, those that the shells and man share with others stay.
uninstall:
	$(call say,REMOVE,$(DESTDIR)$(PREFIX))
	$(Q)for entry in $(INSTALLED); do rm -f "$(DESTDIR)$${entry##*:}"; done
	$(Q)for dir in "$(DESTDIR)$(LIBEXEC)" "$(DESTDIR)$(DOCDIR)"; do \
		[ ! -d "$$dir" ] || find "$$dir" -depth -type d -empty -delete; done

# Into build/deb; DEB_FLAGS are dpkg-buildpackage's.
.PHONY: deb
deb:
	$(Q)scripts/build-deb $(BUILD)/deb $(DEB_FLAGS)
