# shellcheck shell=sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# debian.sh - packages of any suite of Debian, without installing them
#
# Sourced by the scripts that fill the cache.  Each suite has lists of its own
# there (CACHE/apt/SUITE): the machine's package manager never hears of them,
# so nothing of it is upgraded, and no root is needed.  Where the archive is,
# the machine's own sources tell.
#
#   vm_cache            prints the cache's folder
#   deb_suite SUITE...  lists of these suites together, fetched if missing
#   deb_refresh         fetches them again
#   deb_field PKG NAME  first word of a field of the newest version
#   deb_unpack DIR PKG[=VERSION]...   download and unpack
#
# The one who sources it sets "me", the name that sentences begin with.

PATH=$PATH:/sbin:/usr/sbin

die() {
	echo "$me: $1" >&2
	exit "${2:-1}"
}

need() {
	for tool; do
		command -v "$tool" > /dev/null ||
			die "$tool is missing; this needs Debian and the packages in tests/vm/packages"
	done
}

vm_cache() {
	cache=${NM_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/netmap-vm}
	case $cache in
	/*)	echo "$cache" ;;
	*)	die "NM_VM_CACHE must be an absolute path, not $cache" 2 ;;
	esac
}

# "deb" lines for suite $1.  The machine's security archive serves all suites.
deb_sources() {
	# shellcheck disable=SC2016 # apt-get fills these in
	apt-get indextargets --format '$(RELEASE) $(REPO_URI)' \
		'Created-By: Packages' | sort -u > "$deb_dir/machine"
	key='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
	case $1 in
	*-backports)
		also='' security='' ;;
	*)
		also=$1-updates security=$1-security ;;
	esac
	awk -v key="$key" -v suites="$1 $also" -v security="$security" '
	function line(uri, suite) {
		if (suite != "" && !seen[uri, suite]++)
			print "deb", key, uri, suite, "main"
	}
	$1 ~ /-security$/ { line($2, security); next }
	$1 ~ /^(bookworm|trixie|forky|sid|stable|oldstable|testing)(-updates|-backports)?$/ {
		n = split(suites, s, " ")
		for (i = 1; i <= n; i++)
			line($2, s[i])
	}' "$deb_dir/machine"
}

deb_refresh() {
	apt-get -qq update >&2 ||
		die "apt-get cannot fetch the lists of $deb_suites"
	: > "$deb_dir/fetched"
}

deb_suite() {
	need apt-get apt-cache dpkg
	deb_suites=$*
	deb_dir=$(vm_cache)/apt/$(echo "$deb_suites" | tr ' ' +)
	mkdir -p "$deb_dir/none" "$deb_dir/lists/partial" "$deb_dir/cache/archives/partial"
	unset APT_CONFIG
	for suite in $deb_suites; do
		deb_sources "$suite"
	done > "$deb_dir/sources.list"
	grep -q '^deb ' "$deb_dir/sources.list" ||
		die "the sources of apt on this machine name no archive of Debian"
	: > "$deb_dir/status"
	cat > "$deb_dir/apt.conf" <<-END
	Dir::Etc::sourcelist "$deb_dir/sources.list";
	Dir::Etc::sourceparts "$deb_dir/none";
	Dir::Etc::preferencesparts "$deb_dir/none";
	Dir::State::lists "$deb_dir/lists";
	Dir::State::status "$deb_dir/status";
	Dir::Cache "$deb_dir/cache";
	Acquire::Languages "none";
	APT::Sandbox::User "root";
	#clear APT::Update::Post-Invoke;
	#clear APT::Update::Post-Invoke-Success;
	END
	export APT_CONFIG="$deb_dir/apt.conf"
	# lists of yesterday may name what the archive has replaced
	[ -n "$(find "$deb_dir/fetched" -mmin -720 2> /dev/null)" ] || deb_refresh
}

deb_field() {
	apt-cache show --no-all-versions "$1" 2> /dev/null |
		sed -n "s/^$2: *\([^ ,]*\).*/\1/p" | head -n 1
}

deb_unpack() {
	deb_to=$1
	shift
	mkdir -p "$deb_to/debs"
	(cd "$deb_to/debs" && apt-get -qq download "$@") >&2 ||
		die "apt-get cannot download $*; with --refresh it looks for what there is now"
	for deb in "$deb_to"/debs/*.deb; do
		dpkg -x "$deb" "$deb_to"
	done
	rm -r "$deb_to/debs"
}
