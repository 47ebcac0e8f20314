/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * debugfs: netmap/ports, netmap/switches, netmap/stations, as engine/show.c
 * writes them.  For root, and of all network namespaces; programs ask by
 * requests (COUNTERS_GET, PORT_STATUS_GET, VALE_LIST).
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "os/linux/dev.h"

static struct dentry *nm_show_dir;

static __printf(2, 3) void show_put(void *ctx, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	seq_vprintf(ctx, fmt, ap);
	va_end(ap);
}

static void show(struct seq_file *m, enum nm_show_what what)
{
	const struct nm_show s = { .put = show_put, .ctx = m };

	nm_show(nm_dev_engine, what, &s);
}

static int ports_show(struct seq_file *m, void *unused)
{
	show(m, NM_SHOW_PORTS);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(ports);

static int switches_show(struct seq_file *m, void *unused)
{
	show(m, NM_SHOW_SWITCHES);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(switches);

static int stations_show(struct seq_file *m, void *unused)
{
	show(m, NM_SHOW_STATIONS);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stations);

/* Where there is no debugfs there is nothing to do, and no error. */
void nm_show_init(void)
{
	nm_show_dir = debugfs_create_dir("netmap", NULL);
	debugfs_create_file("ports", 0400, nm_show_dir, NULL, &ports_fops);
	debugfs_create_file("switches", 0400, nm_show_dir, NULL, &switches_fops);
	debugfs_create_file("stations", 0400, nm_show_dir, NULL, &stations_fops);
}

void nm_show_exit(void)
{
	debugfs_remove(nm_show_dir);
}
