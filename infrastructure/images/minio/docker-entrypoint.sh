#!/bin/sh
# Usage as with the public image: minio's own arguments may leave out its name.
# Unlike there, a command that exists is run as it is.
set -eu

case "${1:-}" in
server | -* | '') set -- minio "$@" ;;
esac

exec "$@"
