//! Stand-ins for public images, where no registry answers: what is built from packages, with the users, the locale and the
//! entry point of the public one.

use crate::docker::{self, Foreign};
use crate::stack::unique;
use crate::xtask::supplied_image;

/// The gist of the official entry point of Postgres: what it does as root, and that PG_VERSION is all it looks at.
const POSTGRES_ENTRYPOINT: &str = r#"#!/usr/bin/env bash
set -Eeo pipefail
if [ "$1" = postgres ]; then
	if [ "$(id -u)" = 0 ]; then
		mkdir -p "$PGDATA"
		chmod 00700 "$PGDATA"
		find "$PGDATA" \! -user postgres -exec chown postgres '{}' +
		exec /usr/bin/setpriv --reuid postgres --regid postgres --clear-groups "$BASH_SOURCE" "$@"
	fi
	if [ ! -s "$PGDATA/PG_VERSION" ]; then
		eval 'initdb --username="$POSTGRES_USER" --pwfile=<(printf "%s\n" "$POSTGRES_PASSWORD") '"$POSTGRES_INITDB_ARGS"
		printf '\nhost all all all scram-sha-256\n' >> "$PGDATA/pg_hba.conf"
		PGUSER="$POSTGRES_USER" pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
		createdb --username "$POSTGRES_USER" --maintenance-db postgres "$POSTGRES_DB"
		for file in /docker-entrypoint-initdb.d/*; do
			case "$file" in
				*.sh) . "$file" ;;
				*.sql) psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" -f "$file" ;;
			esac
		done
		PGUSER="$POSTGRES_USER" pg_ctl -D "$PGDATA" -m fast -w stop
	fi
fi
exec "$@"
"#;

/// The image `name`, which is like the public one of `engine`.
pub fn stand_in(engine: &str, name: &str) -> Foreign {
    let script = match engine {
        "postgres" => "printf %s \"$1\" >/usr/local/bin/docker-entrypoint.sh".to_owned(),
        // As root, and without the script that drops it.
        engine => format!("cp /usr/libexec/{engine} /usr/bin/{engine}"),
    };
    let change = if engine == "postgres" { "ENV LANG=en_US.utf8" } else { "USER root" };
    let image = supplied_image(engine);
    // The entry point and the arguments of the container would be the image's.
    let config = |what: &str| docker::read(&["image", "inspect", "--format", &format!("{{{{json .Config.{what}}}}}"), &image]);
    let arguments = ["--entrypoint", "sh", &image, "-c", &script, "sh", POSTGRES_ENTRYPOINT];
    let container = Foreign::container("run", &unique("stand-in"), &arguments);
    Foreign::commit(&container.name, name, &format!("{change}\nENTRYPOINT {}\nCMD {}", config("Entrypoint"), config("Cmd")))
}
