# SPDX-License-Identifier: BSD-2-Clause
#
# engine/plane/plane: the data plane, for the engine's homes and for clients
# that run it themselves.

PLANE_SRCS := $(sort $(wildcard engine/plane/*.c))

$(foreach f,$(PLANE_SRCS),$(eval CFLAGS_$(f) += -DNM_ENGINE))
$(eval $(call nm_archive,engine/plane/plane,$(PLANE_SRCS)))
