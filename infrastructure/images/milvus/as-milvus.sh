#!/bin/sh
# `as-milvus COMMAND...`: never as root. The public image runs as root, so its volume holds files of
# root's; and it opens what this user wrote, because root may. Before the entry point and not in it:
# that one signals the server, and root without CAP_KILL may not.
set -eu

if [ "$(id -u)" = 0 ]; then
	find /var/lib/milvus ! -user milvus -exec chown milvus:milvus {} +
	export HOME=/var/lib/milvus
	# Without fork. The pid file, which is not there, keeps it from looking for another one that runs.
	exec start-stop-daemon -S -p /nonexistent -c milvus:milvus -x /usr/bin/env -- "$@"
fi
exec "$@"
