/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * geometry: slots and rings of a port, as option -C of several tools gives
 * them: tx_slots[,rx_slots[,tx_rings[,rx_rings]]].
 */
#ifndef NM_APPS_GEOMETRY_H
#define NM_APPS_GEOMETRY_H

#include <stdint.h>

/**
 * struct geometry - what is asked for; 0: no wish
 * @tx_slots: slots of each tx ring
 * @rx_slots: slots of each rx ring
 * @tx_rings: tx rings
 * @rx_rings: rx rings
 */
struct geometry {
	uint32_t tx_slots;
	uint32_t rx_slots;
	uint16_t tx_rings;
	uint16_t rx_rings;
};

/**
 * geometry_parse - read the argument of -C
 * @s: one to four numbers; a single one is meant for both slot counts, a
 *	third without fourth for both ring counts; more are ignored
 * @g: out; untouched on error
 *
 * Return: how many numbers there were; -EINVAL or -ERANGE.
 */
int geometry_parse(const char *s, struct geometry *g);

#endif /* NM_APPS_GEOMETRY_H */
