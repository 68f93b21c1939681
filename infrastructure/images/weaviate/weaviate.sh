#!/bin/sh
# `weaviate`, never as root. The public image runs as root, so its volume holds files of root's;
# and it opens what this user wrote, because root may.
set -eu

if [ "$(id -u)" = 0 ]; then
	find /var/lib/weaviate ! -user weaviate -exec chown weaviate:weaviate {} +
	export HOME=/var/lib/weaviate
	# Without fork. The pid file, which is not there, keeps it from looking for another one that runs.
	exec start-stop-daemon -S -p /nonexistent -c weaviate:weaviate -x /usr/libexec/weaviate -- "$@"
fi
exec /usr/libexec/weaviate "$@"
