/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/lib/live.h"
const struct live_test live_life[] = { { NULL, NULL, 0 } };
const struct live_test live_start[] = { { NULL, NULL, 0 } };
