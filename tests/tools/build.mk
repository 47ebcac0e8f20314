# SPDX-License-Identifier: BSD-2-Clause
#
# Programs that the system scenarios are made of.

$(eval $(call nm_program,tests/tools/functional,$(addprefix tests/tools/, \
	functional.c frame.c holder.c script.c),libnetmap))
$(eval $(call nm_program,tests/tools/flow,tests/tools/flow.c \
	tests/tools/frame.c tests/tools/label.c,libnetmap))
$(eval $(call nm_program,tests/tools/churn,tests/tools/churn.c \
	tests/tools/frame.c,libnetmap))
$(eval $(call nm_program,tests/tools/hostile,tests/tools/hostile.c \
	tests/tools/frame.c,libnetmap))
$(eval $(call nm_program,tests/tools/nmhold,tests/tools/nmhold.c,libnetmap))
$(eval $(call nm_program,tests/tools/nminfo,tests/tools/nminfo.c,libnetmap))
$(eval $(call nm_program,tests/tools/nmsee,tests/tools/nmsee.c \
	tests/tools/frame.c,libnetmap))
$(eval $(call nm_program,tests/tools/stack,tests/tools/stack.c \
	tests/tools/frame.c,libnetmap))
$(eval $(call nm_program,tests/tools/wirever,tests/tools/wirever.c))

TEST_TOOLS += $(addprefix $(O)/tests/tools/,functional flow churn hostile \
	nmhold nminfo nmsee stack wirever)
