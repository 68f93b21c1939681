#!/bin/sh
# Usage: `milvus run standalone`, or any other command, which is run as it is.
# With MILVUS_ROOT_PASSWORD the first start gives the user root that password in place
# of the one that everybody knows. Needs only sh and curl, so that it can be put into
# the public image as well.
set -eu

fail() {
	printf 'error: %s\nhint: %s\n' "$1" "$2" >&2
	exit 1
}

# change_password OLD NEW: prints `{}` when it is done, nothing as long as no server answers.
# The passwords go through standard input, so that they are in no argument.
change_password() {
	printf '{"username":"root","oldPassword":"%s","newPassword":"%s"}' \
		"$(printf %s "$1" | base64 -w 0)" "$(printf %s "$2" | base64 -w 0)" |
		curl --silent --request PATCH --header 'content-type: application/json' --data @- \
			http://127.0.0.1:29091/api/v1/credential || true
}

# set_root_password COMMAND...: a server on ports that are not published, so that
# nobody meets it with the old password.
set_root_password() (
	PROXY_PORT=29530 METRICS_PORT=29091 "$@" >&2 &
	server=$!
	trap 'kill "$server"; exit 143' TERM INT
	answer=
	while [ "$answer" != '{}' ]; do
		kill -0 "$server" 2>/dev/null || fail 'the server ended during its first start' 'the lines above say why'
		sleep 0.1
		answer=$(change_password Milvus "$MILVUS_ROOT_PASSWORD")
		# A start before this one may have come as far as here.
		case $answer in
		*'old password not correct'*) answer=$(change_password "$MILVUS_ROOT_PASSWORD" "$MILVUS_ROOT_PASSWORD") ;;
		esac
		case $answer in
		*'old password not correct'*) fail 'root has another password than MILVUS_ROOT_PASSWORD' 'set the one that this volume was made with' ;;
		esac
	done
	kill "$server"
	# It ends with status 2 after SIGTERM.
	wait "$server" || true
)

# etcd CALL JSON: one of the calls of the etcd inside the server.
etcd() {
	curl --silent --write-out '\n' --data "$2" "http://127.0.0.1:2379/v3/kv/$1"
}

# A server that stops leaves its sessions in etcd, and the next one waits for these dead
# peers until their 30 s are over. Each start takes the next number from session/id, so
# what carries a lower one is of a server that is gone. It is removed only as it was read: a
# server that has just taken that name would wait for itself for ever.
forget_sessions() {
	sessions=$(
		range="{\"key\":\"$(printf by-dev/meta/session/ | base64)\",\"range_end\":\"$(printf by-dev/meta/session0 | base64)\"}"
		etcd range "$range" | tr '{' '\n' |
			sed -n 's/.*"key":"\([^"]*\)".*"mod_revision":"\([^"]*\)".*"value":"\([^"]*\)".*/\1 \2 \3/p' |
			while read -r key revision value; do
				echo "$key $revision $(printf %s "$key" | base64 -d) $(printf %s "$value" | base64 -d)"
			done
	)
	next=$(printf '%s\n' "$sessions" | sed -n 's|.* by-dev/meta/session/id \([0-9]*\)$|\1|p')
	printf '%s\n' "$sessions" | sed -n 's|^\([^ ]*\) \([^ ]*\) .*{"ServerID":\([0-9]*\),.*|\1 \2 \3|p' |
		while read -r key revision number; do
			[ "$number" -ge $((next - 1)) ] ||
				etcd txn "{\"compare\":[{\"key\":\"$key\",\"target\":\"MOD\",\"result\":\"EQUAL\",\"mod_revision\":\"$revision\"}],\"success\":[{\"request_delete_range\":{\"key\":\"$key\"}}]}" >/dev/null
		done
}

marker=/var/lib/milvus/.root-password-is-set
if [ "${1:-}" = milvus ]; then
	if [ -n "${MILVUS_ROOT_PASSWORD:-}" ] && [ ! -e "$marker" ]; then
		set_root_password "$@"
		: >"$marker"
	fi
	unset MILVUS_ROOT_PASSWORD
	(
		until curl --silent --fail --output /dev/null "http://127.0.0.1:${METRICS_PORT:-9091}/healthz"; do
			sleep 0.2
			forget_sessions
		done
		forget_sessions
	) &
fi
exec "$@"
