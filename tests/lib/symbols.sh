#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# symbols.sh HEADER ARCHIVE SHARED: what the linker sees of libnetmap.
#
# 1. Every function that libnetmap.h declares is exported by the shared
#    library, and nothing else is.
# 2. In the archive, only nmctx_pthread refers to a pthread symbol; the
#    transports may, the files of the library proper may not.
# 3. A program that opts out of threads does not get nmctx_pthread; one that
#    does not opt out gets it.
set -u
header=$1 archive=$2 shared=$3
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
bad=0

result() {	# result STATUS NAME
	if [ "$1" -eq 0 ]; then
		echo "ok - symbols: $2"
	else
		echo "not ok - symbols: $2"
		bad=1
	fi
}

{
	sed -n 's/^[a-z].*[ *]\(nm\(port\|req\|ctx\)_[a-z_]*\)(.*/\1/p' "$header"
	echo nmctx_threadsafe
} | sort -u > "$dir/declared"
nm -D --defined-only "$shared" | sed -n 's/.* \(nm[a-z_]*\)@@.*/\1/p' |
	sort -u > "$dir/exported"
diff "$dir/declared" "$dir/exported" | sed 's/^/# /' > "$dir/diff"
cat "$dir/diff"
[ -s "$dir/declared" ] && [ ! -s "$dir/diff" ]
result $? "the shared library exports what the header declares"

(cd "$dir" && ar x "$archive")
users=$(cd "$dir" && for o in nmctx*.o nmreq*.o nmport*.o; do
	nm -u "$o" | grep -q ' pthread_' && echo "$o"; done)
[ "$users" = nmctx_pthread.o ]
result $? "only nmctx_pthread refers to pthread"

for def in -DLIBNETMAP_NOTHREADSAFE -UNOTHING; do
	printf '%s\n' '#include <libnetmap.h>' \
		'int main(void) { return nmctx_get() == 0; }' > "$dir/p.c"
	want=1
	[ "$def" = -UNOTHING ] && want=0
	${CC:-cc} ${SAN:-} $def -I"${header%/*}" -o "$dir/p" "$dir/p.c" \
		"$archive" -lpthread &&
	{ nm "$dir/p" | grep -q nmctx_set_threadsafe; [ $? -eq $want ]; }
	result $? "the lock is linked as asked ($def)"
done
exit $bad
