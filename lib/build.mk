# SPDX-License-Identifier: BSD-2-Clause
#
# libnetmap: the archive, the shared library, the pkg-config file.  A new file
# of the library is one more word in LIB_SRCS.

LIB_SRCS := lib/nmctx.c lib/nmctx_pthread.c \
	lib/nmreq.c lib/nmreq_parse.c lib/nmreq_opts.c \
	lib/nmport.c lib/nmport_mem.c lib/nmport_opts.c lib/nmport_extra.c \
	lib/nmio.c lib/nmio_kernel.c \
	lib/client.c lib/client_access.c lib/client_peer.c lib/client_poll.c \
	lib/client_start.c lib/client_sync.c lib/client_wire.c \
	$(wildcard engine/plane/*.c) os/user/attach.c os/user/meet.c os/user/os.c

LIB_SOVERSION := 0
LIB_SOFILE := libnetmap.so.$(LIB_SOVERSION).1.0
LIB_SONAME := libnetmap.so.$(LIB_SOVERSION)
LIB_LINK := -Wl,-soname,$(LIB_SONAME) \
	-Wl,--version-script=lib/libnetmap.map

# Nothing may stay unresolved in the shared library once the dispatcher is in
# it.  A sanitizer leaves its own symbols to the program.
ifneq ($(filter lib/nmio.c,$(LIB_SRCS)),)
LIB_LINK += $(if $(SAN),,-Wl,-z,defs)
endif

$(eval $(call nm_archive,libnetmap,$(LIB_SRCS)))
$(eval $(call nm_shared,$(LIB_SOFILE),$(LIB_SRCS),,,$(LIB_LINK)))
$(O)/$(LIB_SOFILE): lib/libnetmap.map

$(O)/$(LIB_SONAME) $(O)/libnetmap.so: $(O)/$(LIB_SOFILE)
	$(Q)ln -sf $(LIB_SOFILE) $@

# The version of the interface, as in the header.
LIB_VERSION := $(shell sed -n \
	's/^.define LIBNETMAP_VERSION_M[A-Z]*[^0-9]*\([0-9]*\)$$/\1/p' \
	include/libnetmap.h | paste -sd.)

$(O)/libnetmap.pc: lib/libnetmap.pc.in lib/build.mk include/libnetmap.h \
		$(wildcard config.mk)
	@mkdir -p $(@D)
	$(Q)sed -e 's|@prefix@|$(prefix)|' -e 's|@version@|$(LIB_VERSION)|' \
		$< > $@

ALL += $(O)/libnetmap.a $(O)/$(LIB_SOFILE) $(O)/$(LIB_SONAME) \
	$(O)/libnetmap.so $(O)/libnetmap.pc

# Where the library looks for a server to start on demand.
CFLAGS_lib/client_start.c += -DNM_SBINDIR='"$(prefix)/sbin"'
$(O)/obj/lib/client_start.o: $(wildcard config.mk)

INSTALL_MORE += install-lib
.PHONY: install-lib
install-lib: $(O)/libnetmap.a $(O)/$(LIB_SOFILE)
	install -d $(DESTDIR)$(prefix)/lib/pkgconfig \
		$(DESTDIR)$(prefix)/include/net
	install -m 644 $(O)/libnetmap.a $(O)/$(LIB_SOFILE) \
		$(DESTDIR)$(prefix)/lib
	ln -sf $(LIB_SOFILE) $(DESTDIR)$(prefix)/lib/$(LIB_SONAME)
	ln -sf $(LIB_SOFILE) $(DESTDIR)$(prefix)/lib/libnetmap.so
	sed -e 's|@prefix@|$(prefix)|' -e 's|@version@|$(LIB_VERSION)|' \
		lib/libnetmap.pc.in \
		> $(DESTDIR)$(prefix)/lib/pkgconfig/libnetmap.pc
	install -m 644 include/libnetmap.h $(DESTDIR)$(prefix)/include
	install -m 644 $(wildcard include/net/*.h) \
		$(DESTDIR)$(prefix)/include/net
