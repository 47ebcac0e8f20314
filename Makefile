# SPDX-License-Identifier: BSD-2-Clause
#
# netmap: one non-recursive make.  Every directory that builds something has a
# build.mk, included below; all of them use the three rules at the end:
#
#   $(eval $(call nm_archive,NAME,SOURCES))            -> $(O)/NAME.a
#   $(eval $(call nm_program,PATH,SOURCES,LIBS,LDLIBS)) -> $(O)/PATH
#   $(eval $(call nm_shared,PATH,SOURCES,LIBS,LDLIBS,LDFLAGS)) -> $(O)/PATH
#
# SOURCES are .c files relative to the top, LIBS are archives under $(O)
# without the .a, LDLIBS are linker words such as -lpthread.  Objects go to
# $(O)/obj, so that a program may be named like the directory of its sources.
#
#   make            everything that a user installs
#   make run        build, then the live demonstration
#   make test       build and run every test
#   make bench      measure; see doc/measuring.md
#   make install    DESTDIR= and prefix= as usual

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DEFAULT_GOAL := all

-include config.mk

O ?= build
prefix ?= /usr/local
CC := $(if $(filter default undefined,$(origin CC)),gcc,$(CC))
CXX := $(if $(filter default undefined,$(origin CXX)),g++,$(CXX))
AR := ar
OPT ?= -O2 -g
WARN := -Wall -Wextra -Wno-unused-parameter -Wstrict-prototypes \
	-Wmissing-prototypes -Wundef -Wshadow -Wpointer-arith
NM_CPPFLAGS := -Iinclude -Ios/user/include -I. -D_GNU_SOURCE
NM_CFLAGS := -std=gnu11 $(OPT) $(WARN) -fPIC -fvisibility=hidden -pthread \
	-fno-strict-aliasing $(SAN)
NM_LDFLAGS := -pthread $(SAN)

ALL :=
BIN_PROGRAMS :=		# go to $(prefix)/bin
SBIN_PROGRAMS :=	# go to $(prefix)/sbin
INSTALL_MORE :=		# targets install-X of directories that install more

define nm_archive
$(O)/$(1).a: $(patsubst %.c,$(O)/obj/%.o,$(2))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(Q)$(AR) rcs $$@ $$^
-include $(patsubst %.c,$(O)/obj/%.d,$(2))
endef

define nm_program
$(O)/$(1): $(patsubst %.c,$(O)/obj/%.o,$(2)) $(patsubst %,$(O)/%.a,$(3))
	@mkdir -p $$(@D)
	$$(Q)$(CC) $(NM_LDFLAGS) $$(LDFLAGS) -o $$@ $(patsubst %.c,$(O)/obj/%.o,$(2)) \
		$(patsubst %,$(O)/%.a,$(3)) $(4)
-include $(patsubst %.c,$(O)/obj/%.d,$(2))
endef

define nm_shared
$(O)/$(1): $(patsubst %.c,$(O)/obj/%.o,$(2)) $(patsubst %,$(O)/%.a,$(3))
	@mkdir -p $$(@D)
	$$(Q)$(CC) -shared $(NM_LDFLAGS) $$(LDFLAGS) $(5) -o $$@ \
		$(patsubst %.c,$(O)/obj/%.o,$(2)) $(patsubst %,$(O)/%.a,$(3)) $(4)
-include $(patsubst %.c,$(O)/obj/%.d,$(2))
endef

Q := $(if $(V),,@)

$(O)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC      $<")
	$(Q)$(CC) $(NM_CPPFLAGS) $(CPPFLAGS) $(NM_CFLAGS) $(CFLAGS) $(CFLAGS_$(<)) -MMD -MP -c -o $@ $<

include $(wildcard */build.mk */*/build.mk)

.PHONY: all clean install uninstall
all: $(ALL)

install: all $(INSTALL_MORE)
	install -d $(DESTDIR)$(prefix)/bin $(DESTDIR)$(prefix)/sbin
	$(if $(BIN_PROGRAMS),install -m 755 $(BIN_PROGRAMS) $(DESTDIR)$(prefix)/bin)
	$(if $(SBIN_PROGRAMS),install -m 755 $(SBIN_PROGRAMS) $(DESTDIR)$(prefix)/sbin)

# Removes what "make install" with the same options would install.
uninstall: all
	$(Q)tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT && \
	$(MAKE) --no-print-directory install DESTDIR="$$tmp" >/dev/null && \
	(cd "$$tmp" && find . \( -type f -o -type l \) -print) | \
	while read -r f; do rm -f "$(DESTDIR)/$${f#./}"; done

clean:
	rm -rf $(O)
