/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program without a dynamic loader, for netmap-run to refuse.
 */
int main(void)
{
	return 0;
}
