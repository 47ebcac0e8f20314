#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# fetch-qemu.sh [--refresh] - put a QEMU that emulates igb in the cache
#
# The one of Debian 12 does not; that of its backports, unpacked with dpkg -x,
# runs beside the installed one.
#
#   CACHE/qemu/packages    what was downloaded, with its version; written last
#   CACHE/qemu/root/       what the packages contain
#   CACHE/qemu/run         runs it, with its own libraries, modules and firmware
#
# Prints the path of CACHE/qemu/run.  Exit: 0 ready, 1 cannot be had, 2 usage.

set -eu

me=fetch-qemu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/debian.sh
. "$here/debian.sh"

refresh=
if [ "${1-}" = --refresh ]; then
	refresh=yes
	shift
fi
[ $# -eq 0 ] || die "usage: fetch-qemu.sh [--refresh]" 2
cache=$(vm_cache)
dir=$cache/qemu
if [ -z "$refresh" ] && [ -f "$dir/packages" ]; then
	echo "$dir/run"
	exit 0
fi
deb_suite bookworm bookworm-backports
[ -z "$refresh" ] || deb_refresh

newest() {	# the version that backports have
	apt-cache madison "$1" | sed -n 's/^[^|]*| *\([^ ]*bpo[^ ]*\) |.*/\1/p' |
		head -n 1
}

tmp=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
for package in qemu-system-x86 qemu-system-common qemu-system-data seabios; do
	version=$(newest $package)
	[ -n "$version" ] || die "the backports have no $package"
	echo "$package=$version"
done > "$tmp/packages"
# Libraries that this machine does not have.
qemu=$(head -n 1 "$tmp/packages")
for package in $(apt-cache show "$qemu" | sed -n 's/^Depends: //p' |
		 sed 's/([^)]*)//g; s/,/ /g'); do
	case $package in
	lib*)	dpkg-query -W "$package" > /dev/null 2>&1 ||
			echo "$package" ;;
	esac
done >> "$tmp/packages"
echo "$me: downloading $qemu" >&2
# shellcheck disable=SC2046 # one word each
deb_unpack "$tmp/root" $(cat "$tmp/packages")

root=$dir/root
cat > "$tmp/run" <<END
#!/bin/sh
lib=$root/usr/lib/x86_64-linux-gnu
export QEMU_MODULE_DIR=\$lib/qemu
export LD_LIBRARY_PATH=\$lib\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}
exec $root/usr/bin/qemu-system-x86_64 -L $root/usr/share/qemu \\
	-L $root/usr/share/seabios "\$@"
END
chmod +x "$tmp/run"
rm -rf "$dir"
mv "$tmp" "$dir"
chmod 755 "$dir"
"$dir/run" --version > /dev/null ||
	{ rm "$dir/packages"; die "the QEMU of the backports does not run here"; }
echo "$dir/run"
