# SPDX-License-Identifier: BSD-2-Clause
#
# Measurements: `make bench`, `bench-rivals`, `bench-engine`.  Neither `all`
# nor `test` depends on them; doc/measuring.md tells what the figures mean.

BENCH_COMMON := bench/distance.c bench/json.c bench/machine.c bench/row.c \
	bench/stats.c
BENCH_PAIR := bench/pair.c bench/account.c bench/cost.c bench/crew.c \
	bench/ends.c bench/port.c

$(eval $(call nm_archive,bench/common,$(BENCH_COMMON)))
$(eval $(call nm_program,bench/distance,bench/distance_main.c,bench/common,-lm))
$(eval $(call nm_program,bench/watch,bench/watch.c,bench/common,-lm))

$(eval $(call nm_program,bench/pair,$(BENCH_PAIR),bench/common libnetmap,-lm))

$(eval $(call nm_program,bench/engine,bench/engine.c bench/engine_rig.c, \
	bench/common engine/engine engine/plane/plane os/user/osuser,-lm))
$(foreach f,bench/engine.c bench/engine_rig.c,$(eval CFLAGS_$(f) += -DNM_ENGINE))

# A rival of ours needs DPDK's headers; without them rivals.sh says so.
BENCH_DPDK := $(shell pkg-config --exists libdpdk 2>/dev/null && echo yes)
BENCH_RIVALS := $(O)/bench/watch $(O)/bench/distance
ifeq ($(BENCH_DPDK),yes)
$(eval $(call nm_program,bench/rte_pipe,bench/rte_pipe.c,, \
	$(shell pkg-config --libs libdpdk 2>/dev/null)))
CFLAGS_bench/rte_pipe.c = $(shell pkg-config --cflags libdpdk)
BENCH_RIVALS += $(O)/bench/rte_pipe
endif

$(eval $(call nm_program,bench/txsync,bench/txsync.c,libnetmap))

# Each run is recorded under its own name.
BENCH_DATE = $(shell date +%Y-%m-%d-%H%M%S)

.PHONY: bench bench-rivals bench-engine bench-vm
bench: $(O)/bench/pair all
	$(O)/bench/pair -o $(O)/bench/$(BENCH_DATE).json $(BENCH)

bench-rivals: $(BENCH_RIVALS)
	bench/rivals.sh -b $(O) -o $(O)/bench/$(BENCH_DATE)-rivals.json $(RIVALS)

bench-engine: $(O)/bench/engine
	$(O)/bench/engine -o $(O)/bench/$(BENCH_DATE)-engine.json

# netmap.ko, counted in a virtual machine: VM="-k 6.12 count"
bench-vm: all $(O)/bench/txsync $(O)/tests/tools/nmhold
	bench/vm.sh -b $(O) -o $(O)/bench/$(BENCH_DATE)-vm.json $(VM)
