#!/bin/bash
# Usage as with the public image: `postgres` and its options, or any other command,
# which is run as it is. The first start makes the cluster from these variables, each
# of which may be NAME_FILE with the path of a file instead:
#   POSTGRES_PASSWORD     required, unless POSTGRES_HOST_AUTH_METHOD is trust
#   POSTGRES_USER         the superuser (postgres)
#   POSTGRES_DB           its database (the user's name)
#   POSTGRES_INITDB_ARGS  further options of initdb, separated by blanks
# and POSTGRES_HOST_AUTH_METHOD (scram-sha-256), then runs what is in
# /docker-entrypoint-initdb.d in the order of names: *.sh, *.sql, *.sql.gz.
#
# The public image's own entry point takes a cluster for complete as soon as there is a
# PG_VERSION, so a first start that was cut off stays half made. modules/postgres puts this
# one into any image: it needs bash, initdb on PATH, the user postgres, and gosu or setpriv.
set -Eeuo pipefail

readonly SOCKETS=/var/run/postgresql

fail() {
	printf 'error: %s\nhint: %s\n' "$1" "$2" >&2
	exit 1
}

# setting NAME DEFAULT: NAME from the environment, from NAME_FILE, or the default.
setting() {
	local file=$1_FILE value=${!1:-$2}
	if [[ -n ${!file:-} ]]; then
		[[ -z ${!1:-} ]] || fail "both $1 and $file are set" "set one of them"
		value=$(<"${!file}")
	fi
	unset "$file"
	export "$1=$value"
}

# What only root can do, and then everything again as postgres.
drop_privileges() {
	mkdir -p "$PGDATA" "$SOCKETS"
	# A bind mount, or a volume of another image, may belong to someone else.
	find "$PGDATA" "$SOCKETS" ! -user postgres -exec chown postgres:postgres {} +
	chmod 0700 "$PGDATA"
	# By bash, because a file that Docker was given to write may not be executable.
	set -- bash "$0" "$@"
	if command -v gosu >/dev/null; then exec gosu postgres "$@"; fi
	# The full path, because busybox has a setpriv of its own that cannot do this.
	exec /usr/bin/setpriv --reuid postgres --regid postgres --clear-groups --no-new-privs "$@"
}

run_init_file() {
	echo "docker-entrypoint: $1" >&2
	case $1 in
	*.sh) if [[ -x $1 ]]; then "$1"; else bash "$1"; fi ;;
	*.sql) psql --file "$1" ;;
	*.sql.gz) gunzip -c "$1" | psql ;;
	*) echo "docker-entrypoint: ignored, because its name does not end in .sh, .sql or .sql.gz" >&2 ;;
	esac
}

# psql as the init files need it: stop at the first error, no ~/.psqlrc.
psql() {
	command psql --set ON_ERROR_STOP=1 --no-psqlrc --no-password --quiet \
		--username "$POSTGRES_USER" --dbname "$POSTGRES_DB" "$@"
}

# make_cluster DIRECTORY [OPTION...]: a complete cluster there, made with the server's options.
make_cluster() {
	local new=$1 method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256} server file
	shift
	setting POSTGRES_PASSWORD ''
	setting POSTGRES_USER postgres
	setting POSTGRES_DB "$POSTGRES_USER"
	setting POSTGRES_INITDB_ARGS ''
	[[ -n $POSTGRES_PASSWORD || $method == trust ]] ||
		fail 'no password for the superuser of a new cluster' 'set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE'

	local arguments=(--no-instructions --pgdata "$new" --username "$POSTGRES_USER" --auth-local trust)
	if [[ -n $POSTGRES_PASSWORD ]]; then
		# From standard input, so that the password is in no argument and in no file.
		arguments+=(--auth-host scram-sha-256 --pwfile /dev/stdin)
	fi
	local more
	read -ra more <<<"$POSTGRES_INITDB_ARGS"
	initdb "${arguments[@]}" "${more[@]}" <<<"$POSTGRES_PASSWORD"
	printf '\n# Everyone who comes from outside the container.\nhost all all all %s\n' "$method" >>"$new/pg_hba.conf"

	# A socket of its own and no port: a health check cannot take this server for the real one.
	local -x PGDATA=$new PGHOST
	PGHOST=$(mktemp -d)
	postgres "$@" -c listen_addresses= -c "unix_socket_directories=$PGHOST" &
	server=$!
	until pg_isready --quiet --username "$POSTGRES_USER"; do
		kill -0 $server 2>/dev/null || fail 'the new cluster does not start' 'the lines above say why'
		sleep 0.1
	done
	if [[ $POSTGRES_DB != postgres ]]; then
		createdb --username "$POSTGRES_USER" --maintenance-db postgres -- "$POSTGRES_DB"
	fi
	for file in /docker-entrypoint-initdb.d/*; do
		[[ ! -f $file ]] || run_init_file "$file"
	done
	kill -INT $server
	wait $server
	rmdir "$PGHOST"
}

# The steps of a first start, each of which a start after SIGKILL can take up again:
# a cluster grows in .new, becomes .complete in one rename, moves up, PG_VERSION last.
initialise() {
	local data=$PGDATA entry
	if [[ ! -d $data/.complete && ! -s $data/PG_VERSION ]]; then
		for entry in "$data"/*; do
			[[ ! -e $entry || $entry == */lost+found ]] ||
				fail "$data has files but no cluster, for example $entry" 'give PGDATA an empty directory'
		done
		# The first process of a container ignores a signal that it has no trap for.
		trap 'exit 143' TERM INT
		rm -rf "$data/.new"
		make_cluster "$data/.new" "$@"
		mv "$data/.new" "$data/.complete"
		trap - TERM INT
	fi
	if [[ -d $data/.complete ]]; then
		find "$data/.complete" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv -t "$data" {} +
		[[ ! -e $data/.complete/PG_VERSION ]] || mv "$data/.complete/PG_VERSION" "$data/"
		rmdir "$data/.complete"
	fi
}

if [[ $# == 0 || $1 == -* ]]; then
	set -- postgres "$@"
fi
if [[ $1 == postgres && ! ${2:-} =~ ^(--help|-\?|--version|-V|--describe-config|-C)$ ]]; then
	[[ $(id -u) != 0 ]] || drop_privileges "$@"
	initialise "${@:2}"
	# The server needs no password, and its environment would show it.
	unset POSTGRES_PASSWORD POSTGRES_PASSWORD_FILE
fi
exec "$@"
