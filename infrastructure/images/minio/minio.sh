#!/bin/sh
# `minio`, never as root. The public image runs as root, so its volume holds files of root's;
# and it opens what this user wrote, because root may.
set -eu

if [ "$(id -u)" = 0 ]; then
	find /data ! -user minio -exec chown minio:minio {} +
	export HOME=/tmp
	# Without fork. The pid file, which is not there, keeps it from looking for another one that runs.
	exec start-stop-daemon -S -p /nonexistent -c minio:minio -x /usr/libexec/minio -- "$@"
fi
exec /usr/libexec/minio "$@"
