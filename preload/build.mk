# SPDX-License-Identifier: BSD-2-Clause
#
# preload: programs that open /dev/netmap themselves, in user mode.
#
#   make $(O)/preload/netmap-run    and libnetmap-preload.so beside it

PRELOAD_SRCS := preload/real.c preload/wrap.c preload/desc.c \
	preload/session.c preload/home.c preload/file.c preload/map.c \
	preload/io.c preload/probe.c preload/wait.c preload/poll.c \
	preload/epoll.c

# Functions that the library objects inside call, and that must not come back
# through what we interpose.
PL_WRAPPED := open close socket recvmsg read write poll ioctl mmap munmap \
	getsockopt posix_spawnp fstat

# A cancelled thread must leave its waits in order: -fexceptions.  Definitions
# of open() and the like cannot stand beside the checked inline ones.
$(foreach f,$(PRELOAD_SRCS),$(eval CFLAGS_$(f) := \
	-U_FORTIFY_SOURCE -fexceptions -fno-builtin -Wno-nonnull-compare))

PRELOAD_LINK := $(PL_WRAPPED:%=-Wl,--wrap=%) -Wl,--exclude-libs,ALL \
	-Wl,-z,nodelete $(if $(SAN),,-Wl,-z,defs)

$(eval $(call nm_shared,preload/libnetmap-preload.so,$(PRELOAD_SRCS),\
	libnetmap,-ldl,$(PRELOAD_LINK)))

CFLAGS_preload/netmap_run.c := -DNM_LIBDIR='"$(prefix)/lib"'
$(eval $(call nm_program,preload/netmap-run,preload/netmap_run.c))

ALL += $(O)/preload/libnetmap-preload.so $(O)/preload/netmap-run

INSTALL_MORE += install-preload
.PHONY: install-preload
install-preload: $(O)/preload/libnetmap-preload.so $(O)/preload/netmap-run
	install -d $(DESTDIR)$(prefix)/lib $(DESTDIR)$(prefix)/bin
	install -m 644 $(O)/preload/libnetmap-preload.so $(DESTDIR)$(prefix)/lib
	install -m 755 $(O)/preload/netmap-run $(DESTDIR)$(prefix)/bin
