/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * functional: send and expect packets on a port, step by step.
 *
 *	functional -i vale0:a                    open, and keep open
 *	functional -i vale0:a -t 100:x:3         send three
 *	functional -i vale0:b -r 100:x:3         expect them, byte by byte
 *	functional -i vale0:c -r 100:x -n        nothing may have come
 *
 *	-i PORT  through a holder process, which stays   -I PORT  directly
 *	-o       make ready for holders                  -c       end them all
 *	-k       end the holder of PORT
 *	-t LEN[:CHAR[:NUM]]  send NUM packets            -r ...   expect them
 *	-p NUM[us|ms|s]      pause
 *	-A NUM   exactly NUM slots are free in the first tx ring
 *	-s, -d   addresses    -F N  most bytes per slot   -T S  timeout (1), as -p
 *	-w S     wait first  -g    ignore other headers  -n    want silence
 *	-q       next CHAR after every packet            -e N  extra buffers
 *	-C N     repeat the events                       -v    say more
 *
 * Events run in the order of the command line.  Exit 0 when all went as
 * expected, else 1.
 */
#include <stdio.h>
#include <string.h>
#include "tests/tools/holder.h"
#include "tests/tools/script.h"

static void keep_quiet(struct nmctx *ctx, const char *msg)
{
	/* the sentence is in the report */
}

static int run_here(int argc, char **argv, char *report)
{
	struct script s;
	struct nmport_d *d;
	int ret;

	if (script_parse(&s, argc, argv, report))
		return 1;
	d = script_open(&s, report);
	if (!d)
		return 1;
	ret = script_run(&s, d, report) != 0;
	nmport_close(d);
	return ret;
}

int main(int argc, char **argv)
{
	char report[SCRIPT_REPORT] = "";
	struct script s;
	int ret;

	if (argc == 2 && !strcmp(argv[1], "-o"))
		return holder_begin();
	if (argc == 2 && !strcmp(argv[1], "-c"))
		return holder_end();
	nmctx_get()->error = keep_quiet;
	if (script_parse(&s, argc, argv, report))
		ret = 1;
	else if (s.held)
		ret = holder_ask(s.port, argc, argv, report);
	else
		ret = run_here(argc, argv, report);
	if (ret)
		fprintf(stderr, "functional: %s\n", report);
	else if (s.verbose)
		fprintf(stderr, "functional: %s: as expected\n", s.port);
	return ret;
}
