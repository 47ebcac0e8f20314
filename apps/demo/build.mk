# SPDX-License-Identifier: BSD-2-Clause
#
# netmap-demo, and `make run`, which builds everything and starts it.  Where
# something to build with is missing, packaging/deps.sh installs it for root,
# and tells others how to.

$(eval $(call nm_program,apps/netmap-demo,$(addprefix apps/demo/, \
	capture.c crew.c link.c main.c netlink.c pcapfile.c replay.c report.c \
	speed.c talk.c traffic.c), \
	apps/common/libappcommon libnetmap,-lm))
ALL += $(O)/apps/netmap-demo

.PHONY: run run-deps
run-deps:
	$(Q)packaging/deps.sh build

run: run-deps
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(O)/apps/netmap-demo --sample apps/demo/sample.pcap $(RUN)
