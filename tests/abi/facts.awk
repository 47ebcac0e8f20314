# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# Turn abi-facts.txt into a C program.  Every fact becomes a static assertion
# (with -DFACTS_STATIC) and a row of a table that the program checks when it
# runs, so that a mistake is both impossible to build and easy to read.
#
#	awk -v bits=64 -f facts.awk abi-facts.txt > facts.c
#
# bits=64 takes the keys without suffix.  bits=32 takes those that end in 32,
# and of the others what does not depend on the word size: constants, strings,
# and sizes and offsets that no key of 32 bits replaces.

function emit(what, have, want)
{
	count++
	rows = rows sprintf("\t{ \"%s\", (unsigned long long)(%s), %sULL },\n",
			    what, have, want)
	asserts = asserts sprintf("NM_STATIC_ASSERT((%s) == %s, \"%s\");\n",
				  have, want, what)
}

function fact(kind, n,    s)
{
	s = "struct " $3
	if (kind == "sizeof" && n == 4)
		emit($0, "sizeof(" s ")", $4)
	else if (kind == "alignof" && n == 4)
		emit($0, "_Alignof(" s ")", $4)
	else if (kind == "offsetof" && n == 5)
		emit($0, "offsetof(" s ", " $4 ")", $5)
	else if (kind == "fieldsize" && n == 5)
		emit($0, "sizeof(((" s " *)0)->" $4 ")", $5)
	else if ((kind == "const" || kind == "ioctl") && n == 3)
		emit($0, $2, $3)
	else if (kind == "string" && n == 3)
		strings = strings sprintf("\t{ \"%s\", %s, \"%s\" },\n",
					  $0, $2, $3)
	else
		bad = bad "\n" FILENAME ":" FNR ": " $0
}

# The name of a fact without its value and without the 32 of its kind.
function key(    k, i)
{
	k = $1
	sub(/32$/, "", k)
	for (i = 2; i < NF; i++)
		k = k " " $i
	return k
}

/^#/ || NF == 0 {
	next
}

{
	line[++lines] = $0
	if ($1 ~ /32$/)
		replaced[key()] = 1
}

END {
	for (l = 1; l <= lines; l++) {
		$0 = line[l]
		kind = $1
		wide = sub(/32$/, "", kind) == 0
		if (bits == 64 && !wide)
			continue
		if (bits == 32 && wide && (kind == "alignof" || replaced[key()]))
			continue
		used++
		fact(kind, NF)
	}
	if (bad != "") {
		print "not understood:" bad > "/dev/stderr"
		exit 1
	}
	print "/* made by facts.awk */"
	print "#include <stddef.h>"
	print "#include <stdio.h>"
	print "#include <string.h>"
	print "#define NETMAP_WITH_LIBS"
	print "#define LIBNETMAP_NOTHREADSAFE"
	print "#include <net/netmap_user.h>"
	print "#include <net/netmap_virt.h>"
	print "#include <libnetmap.h>"
	print "#ifdef FACTS_STATIC\n" asserts "#endif"
	print "static const struct { const char *what;"
	print "\tunsigned long long have, want; } num[] = {\n" rows "};"
	print "static const struct { const char *what, *have, *want; } str[] = {"
	print "\t{ \"\", \"\", \"\" },"
	print strings "};"
	print "int main(void)\n{"
	print "\tunsigned int i, bad = 0;"
	print "\tfor (i = 0; i < sizeof(num) / sizeof(num[0]); i++)"
	print "\t\tif (num[i].have != num[i].want && ++bad)"
	print "\t\t\tprintf(\"# %s: have %#llx\\n\", num[i].what, num[i].have);"
	print "\tfor (i = 0; i < sizeof(str) / sizeof(str[0]); i++)"
	print "\t\tif (strcmp(str[i].have, str[i].want) && ++bad)"
	print "\t\t\tprintf(\"# %s: have %s\\n\", str[i].what, str[i].have);"
	printf "\tprintf(\"# %%u of %d facts do not hold\\n\", bad);\n", used
	print "\treturn bad != 0;\n}"
}
