# SPDX-License-Identifier: BSD-2-Clause
#
# What several command-line tools share: $(O)/apps/common/libappcommon.a.
# Needs -lm.

$(eval $(call nm_archive,apps/common/libappcommon,$(addprefix apps/common/, \
	complain.c geometry.c home.c json.c numbers.c version.c)))
