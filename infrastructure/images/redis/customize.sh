#!/bin/sh
# Called by mmdebstrap with the root file system as $1; see ../README.md.
# shellcheck source=/dev/null
. "$IMAGE_DIR/../common.sh"

base_system "$1"
# The number that the public image uses, so that a volume can move between the two.
user "$1" redis 999 /data
owned_directory "$1" /data 999
program "$IMAGE_DIR/docker-entrypoint.sh" "$1/usr/local/bin/docker-entrypoint.sh"

# redis-server depends on adduser and init-system-helpers, util-linux came for
# setpriv alone: no maintainer script and no init system will ever ask for the rest.
find "$1/usr/bin" "$1/usr/sbin" ! -type d \
	! -name 'redis-*' ! -name busybox ! -name setpriv -delete
# The three are one program that looks at its name.
ln -sf redis-check-rdb "$1/usr/bin/redis-check-aof"
keep_libraries "$1" /usr/bin/redis-server /usr/bin/redis-cli /usr/bin/redis-benchmark /usr/bin/setpriv
busybox_applets "$1"
slim "$1"

# The name of the image promises this version; Debian may have moved on.
chroot "$1" redis-server --version | grep --fixed-strings 'v=8.0.' >&2
