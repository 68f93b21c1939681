#!/bin/sh
# Usage as with the public image: redis-server's options or configuration file,
# `redis-server ...`, or any other command, which is run as it is.
set -eu

case "${1:-}" in
'' | -* | *.conf) set -- redis-server "$@" ;;
esac

if [ "$1" = redis-server ]; then
	# The public image is built with protected mode off: inside a container every
	# client is remote. Options of the caller come later and win.
	if [ $# -eq 1 ] || { [ $# -gt 2 ] && [ "${2#--}" != "$2" ]; }; then
		shift
		set -- redis-server --protected-mode no "$@"
	fi
	# Only redis reads what it writes.
	umask 0077
	if [ "$(id -u)" = 0 ]; then
		# A bind mount, or a volume of another image, may belong to someone else.
		find . ! -user redis -exec chown redis:redis {} + ||
			echo "docker-entrypoint: cannot give $PWD to redis, going on without" >&2
		# The full path, because busybox has a setpriv of its own that cannot do this.
		exec /usr/bin/setpriv --reuid redis --regid redis --clear-groups --no-new-privs "$@"
	fi
fi

exec "$@"
