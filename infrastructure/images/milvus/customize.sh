#!/bin/sh
# Called by mmdebstrap with the root file system as $1; see ../README.md.
# shellcheck source=/dev/null
. "$IMAGE_DIR/../common.sh"

base_system "$1"
user "$1" milvus 1000 /var/lib/milvus
owned_directory "$1" /var/lib/milvus 1000
program "$IMAGE_DIR/docker-entrypoint.sh" "$1/usr/local/bin/docker-entrypoint.sh"
program "$IMAGE_DIR/as-milvus.sh" "$1/usr/local/bin/as-milvus"

# The places of the public image. The wheel's .lzma files are in the xz format.
mkdir -p "$1/milvus/bin" "$1/milvus/lib" "$1/milvus/configs"
for packed in "$STAGE"/python/milvus/data/bin/*.lzma; do
	name=$(basename "$packed" .lzma)
	case $name in milvus) unpacked=$1/milvus/bin/milvus ;; *) unpacked=$1/milvus/lib/$name ;; esac
	"$1/usr/bin/busybox" unxz -c <"$packed" >"$unpacked"
	chmod 0755 "$unpacked"
done
# glibc's own resolver belongs to glibc.
rm "$1/milvus/lib/libresolv.so.2"

# The wheel's Python code fills the template; its defaults, and the public image's directories.
sed -e 's|{{ *etcd_data_dir *}}|/var/lib/milvus/etcd|' \
	-e 's|{{ *local_storage_dir *}}|/var/lib/milvus/data/|' \
	-e 's|{{ *rocksmq_data_dir *}}|/var/lib/milvus/rdb_data|' \
	-e 's|{{ *system_log_path *}}||' \
	-e 's|{{ *[a-z_]*\(([a-z]*)\)\{0,1\}: *\([^ }]*\) *}}|\2|' \
	"$STAGE/python/milvus/data/config.yaml.template" >"$1/milvus/configs/milvus.yaml"
! grep --line-number '{{' "$1/milvus/configs/milvus.yaml" >&2
printf '%s\n' --logtostderr=true --minloglevel=1 >"$1/milvus/configs/glog.conf"
chmod 0644 "$1"/milvus/configs/*

find "$1/usr/bin" "$1/usr/sbin" ! -type d ! -name busybox ! -name curl -delete
LD_LIBRARY_PATH=/milvus/lib keep_libraries "$1" /usr/bin/curl /milvus/bin/milvus
busybox_applets "$1"
ca_certificates "$1"
slim "$1"
