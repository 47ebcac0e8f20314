# SPDX-License-Identifier: BSD-2-Clause
#
# pkt-gen, and pkt-gen-b: the same program, which never sleeps between syncs
# when it is called by that name.  With libpcap it has pcap: ports and -P.

PKTGEN_PURE := $(addprefix apps/pkt-gen/, \
	addr.c hist.c options.c options_settle.c packet.c sizes.c)
PKTGEN_SRCS := $(PKTGEN_PURE) $(addprefix apps/pkt-gen/, \
	main.c pace.c pingpong.c port.c port_pcap.c report.c report_json.c \
	rx.c seq.c source.c tx.c worker.c)

PKTGEN_HASH := \#
PKTGEN_PCAP := $(if $(filter no,$(HAVE_PCAP)),,$(shell printf '$(PKTGEN_HASH)include <pcap/pcap.h>\nint main(void) { return !pcap_lib_version(); }\n' | \
	$(CC) -x c - -o /dev/null -lpcap 2>/dev/null && echo yes))
ifeq ($(PKTGEN_PCAP),yes)
CFLAGS_apps/pkt-gen/port_pcap.c := -DHAVE_PCAP
PKTGEN_LDLIBS := -lpcap
endif
$(O)/obj/apps/pkt-gen/port_pcap.o: apps/pkt-gen/build.mk

$(eval $(call nm_program,apps/pkt-gen,$(PKTGEN_SRCS), \
	apps/common/libappcommon libnetmap,-lpthread -lm $(PKTGEN_LDLIBS)))

$(O)/apps/pkt-gen-b: $(O)/apps/pkt-gen
	$(Q)ln -f $< $@

ifeq ($(filter pkt-gen,$(SKIP_APPS)),)
ALL += $(O)/apps/pkt-gen $(O)/apps/pkt-gen-b
BIN_PROGRAMS += $(O)/apps/pkt-gen $(O)/apps/pkt-gen-b
endif
