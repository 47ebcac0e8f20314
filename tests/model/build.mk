# SPDX-License-Identifier: BSD-2-Clause
#
# Models of the hand-over protocols of doc/user-mode.md, checked with spin
# (Debian: spin).  Which are built how, and what must come out: table.
#
#   make test-model

.PHONY: test-model
test-model:
	$(Q)CC="$(CC)" tests/model/run.sh $(O)/tests/model
