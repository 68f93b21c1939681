#!/bin/sh
# Called by mmdebstrap with the root file system as $1; see ../README.md.
# shellcheck source=/dev/null
. "$IMAGE_DIR/../common.sh"

base_system "$1"
user "$1" minio 1000 /tmp
owned_directory "$1" /data 1000
program "$STAGE/minio" "$1/usr/libexec/minio"
program "$IMAGE_DIR/minio.sh" "$1/usr/bin/minio"
program "$STAGE/mc" "$1/usr/bin/mc"
program "$IMAGE_DIR/docker-entrypoint.sh" "$1/usr/bin/docker-entrypoint.sh"

static_system "$1" 'minio mc docker-entrypoint.sh'
chroot "$1" minio --version >&2
chroot "$1" mc --version >&2
