#!/bin/sh
# Called by mmdebstrap with the root file system as $1; see ../README.md.
# shellcheck source=/dev/null
. "$IMAGE_DIR/../common.sh"

base_system "$1"
# The number that the public image uses, so that a volume can move between the two.
user "$1" postgres 999 /var/lib/postgresql
owned_directory "$1" /var/lib/postgresql 999
owned_directory "$1" /var/lib/postgresql/data 999 0700
owned_directory "$1" /run/postgresql 999 2775
mkdir -p "$1/docker-entrypoint-initdb.d"
program "$IMAGE_DIR/docker-entrypoint.sh" "$1/usr/local/bin/docker-entrypoint.sh"

# A server in a container has no use for loopback only; the public image does the same.
sed -i "s/^#listen_addresses = 'localhost'/listen_addresses = '*'/" \
	"$1"/usr/share/postgresql/*/postgresql.conf.sample

# The public image's locale: its volumes name it, and so do dumps of its databases. The sources go with slim.
"$1/usr/bin/busybox" gunzip "$1/usr/share/i18n/charmaps/UTF-8.gz"
chroot "$1" localedef --no-archive --inputfile en_US --charmap UTF-8 en_US.UTF-8

# Debian's commands are Perl wrappers that choose among clusters: here is one, and no Perl.
find "$1/usr/bin" "$1/usr/sbin" ! -type d \
	! -name bash ! -name busybox ! -name setpriv ! -name locale -delete
for program in "$1"/usr/lib/postgresql/*/bin/*; do
	ln -s "..${program#"$1/usr"}" "$1/usr/bin/"
done
# LLVM is 160 MB for a just-in-time compiler that short queries never reach; without it
# the server goes on as if jit were off.
rm -rf "$1"/usr/lib/postgresql/*/lib/bitcode "$1"/usr/lib/postgresql/*/lib/llvmjit* \
	"$1"/usr/lib/postgresql/*/lib/pgxs \
	"$1/usr/share/postgresql-common" "$1/etc/postgresql-common" "$1/usr/include"
# shellcheck disable=SC2046 # these paths have no blanks
keep_libraries "$1" /usr/bin/bash /usr/bin/setpriv /usr/bin/locale \
	$(cd "$1" && find usr/lib/postgresql/*/bin usr/lib/postgresql/*/lib -maxdepth 1 -type f -perm -0444 \
		\( -path '*/bin/*' -o -name '*.so' \) ! -name pg_config -printf '/%p ')
busybox_applets "$1"
slim "$1"

# The name of the image promises this version.
chroot "$1" postgres --version | grep --fixed-strings ' 17.' >&2
test -e "$1/usr/share/postgresql/17/extension/vector.control"
chroot "$1" locale -a | "$1/usr/bin/busybox" grep -Fx en_US.utf8 >&2
