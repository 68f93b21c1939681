#!/bin/sh
# Called by mmdebstrap with the root file system as $1; see ../README.md.
# shellcheck source=/dev/null
. "$IMAGE_DIR/../common.sh"

base_system "$1"
python=$(basename "$1"/usr/bin/python3.*)
packages=$1/usr/local/lib/$python/dist-packages
mkdir -p "$packages"
cp -R "$STAGE/python/." "$packages"
chmod -R u=rwX,go=rX "$packages"

# Nobody types in this container, and nothing draws in it.
rm -rf "$1/usr/lib/$python/pydoc_data" "$1/usr/lib/$python/test" "$1"/usr/lib/python3/dist-packages/chardet* \
	"$1/usr/share/python3"
find "$1/usr/bin" "$1/usr/sbin" ! -type d ! -name busybox ! -name "$python" -delete
ln -s "$python" "$1/usr/bin/python3"
# shellcheck disable=SC2046 # these paths have no blanks
keep_libraries "$1" "/usr/bin/$python" $(cd "$1" && find usr/lib/python3* -name '*.so' -printf '/%p ')
busybox_applets "$1"
ca_certificates "$1"
slim "$1"

# What Debian's packages do after unpacking: without it every start compiles 250,000 lines again. By hash, because an
# image need not keep the times of its files; without docstrings, as the public image runs it.
chroot "$1" python3 -m compileall -q -o 2 --invalidation-mode unchecked-hash "/usr/lib/$python" /usr/lib/python3 "/usr/local/lib/$python"

# The name of the image promises this version.
chroot "$1" python3 -OO -c 'import docker, psycopg2, cryptography, yaml; from importlib.metadata import version; print(version("ministack"))' |
	grep --fixed-strings --line-regexp 1.5.33 >&2
