# Runs the project's own SQL files in the order of their names. They are mounted beside
# /docker-entrypoint-initdb.d and not on it, because nothing can be uploaded onto a
# read-only mount. The connection comes from the container's PG* variables.
for file in /init-sql/*.sql; do
  echo "running $file"
  psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --file="$file" || {
    # This runs on an empty volume only. Left as it is, the half-made database would pass
    # for a complete one at the next start.
    rm -rf "${PGDATA:?}"/*
    echo "error: $file failed, see above" >&2
    echo "hint: correct it; the next start begins anew with an empty database" >&2
    exit 1
  }
done
