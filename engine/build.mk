# SPDX-License-Identifier: BSD-2-Clause
#
# engine/engine: the control plane.  The data plane, which clients link too,
# is an archive of its own (engine/plane/build.mk).

ENGINE_SRCS := $(sort $(wildcard engine/*.c))

$(foreach f,$(ENGINE_SRCS),$(eval CFLAGS_$(f) += -DNM_ENGINE))
$(eval $(call nm_archive,engine/engine,$(ENGINE_SRCS)))
