# SPDX-License-Identifier: BSD-2-Clause
#
#   make test-configure     options of ./configure
#   make test-module        netmap.ko as users build, check and install it

.PHONY: test-configure test-module
test-configure:
	$(Q)tests/configure/test_configure.sh

test-module:
	$(Q)MAKE='$(MAKE)' tests/configure/test_module.sh
