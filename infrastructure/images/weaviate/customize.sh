#!/bin/sh
# Called by mmdebstrap with the root file system as $1; see ../README.md.
# shellcheck source=/dev/null
. "$IMAGE_DIR/../common.sh"

base_system "$1"
user "$1" weaviate 1000 /var/lib/weaviate
owned_directory "$1" /var/lib/weaviate 1000
program "$STAGE/weaviate" "$1/usr/libexec/weaviate"
program "$IMAGE_DIR/weaviate.sh" "$1/usr/bin/weaviate"

static_system "$1" weaviate
