# SPDX-License-Identifier: BSD-2-Clause
#
# engine/engine: the control plane.  The data plane, which clients link too,
# is an archive of its own (engine/plane/build.mk).
#
# SKIP_KINDS: kinds of ports to leave out, of "pipe null".

ENGINE_SRCS := $(filter-out $(SKIP_KINDS:%=engine/%.c), \
	$(sort $(wildcard engine/*.c)))

CFLAGS_engine/port.c := $(if $(filter pipe,$(SKIP_KINDS)),-DNM_SKIP_PIPE) \
	$(if $(filter null,$(SKIP_KINDS)),-DNM_SKIP_NULL)
$(O)/obj/engine/port.o: $(wildcard config.mk)

$(foreach f,$(ENGINE_SRCS),$(eval CFLAGS_$(f) += -DNM_ENGINE))
$(eval $(call nm_archive,engine/engine,$(ENGINE_SRCS)))
