# shellcheck shell=sh
# Sourced by every customize.sh: what the images have in common.
# $1 of each function is the root file system; mmdebstrap's extract variant has
# run no maintainer script in it, so what those would have made is made here.

set -eu
# Whatever the caller's umask: files of an image are for its users to read.
umask 022

# base_system ROOT: /etc/passwd and friends, and the directories a program expects.
base_system() {
	chmod 0755 "$1"
	printf '%s\n' \
		'root:x:0:0:root:/root:/bin/sh' \
		'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin' >"$1/etc/passwd"
	printf '%s\n' 'root:x:0:' 'tty:x:5:' 'nogroup:x:65534:' >"$1/etc/group"
	printf '%s\n' 'passwd: files' 'group: files' 'hosts: files dns' >"$1/etc/nsswitch.conf"
	chmod 0644 "$1/etc/passwd" "$1/etc/group" "$1/etc/nsswitch.conf"
	mkdir -p "$1/tmp" "$1/var/tmp" "$1/run" "$1/root"
	chmod 1777 "$1/tmp" "$1/var/tmp"
	chmod 0755 "$1/run"
	chmod 0700 "$1/root"
	rm -rf "$1/var/run"
	ln -s /run "$1/var/run"
}

# user ROOT NAME ID HOME: a user and a group of the same name and number.
user() {
	echo "$2:x:$3:$3:$2:$4:/usr/sbin/nologin" >>"$1/etc/passwd"
	echo "$2:x:$3:" >>"$1/etc/group"
}

# owned_directory ROOT PATH ID [MODE]: Docker gives a new named volume the owner
# and the mode of the directory it is mounted on.
owned_directory() {
	mkdir -p "$1$2"
	chown "$3:$3" "$1$2"
	chmod "${4:-0755}" "$1$2"
}

# program SOURCE DESTINATION: an executable copied with an explicit mode.
program() {
	install -D --mode 0755 "$1" "$2"
}

# busybox_applets ROOT: a link for each applet that no package brought.
busybox_applets() {
	for applet in $("$1/usr/bin/busybox" --list); do
		[ -e "$1/usr/bin/$applet" ] || [ -e "$1/usr/sbin/$applet" ] ||
			ln -s busybox "$1/usr/bin/$applet"
	done
}

# ca_certificates ROOT: the bundle that update-ca-certificates would have made.
ca_certificates() {
	mkdir -p "$1/etc/ssl/certs"
	cat "$1"/usr/share/ca-certificates/mozilla/*.crt >"$1/etc/ssl/certs/ca-certificates.crt"
	chmod 0644 "$1/etc/ssl/certs/ca-certificates.crt"
	rm -rf "$1/usr/share/ca-certificates"
}

# keep_libraries ROOT FILE...: removes the shared libraries that none of the files loads.
keep_libraries() {
	root=$1
	shift
	loader=$(echo "$root"/usr/lib/*-linux-*/ld-linux*.so.*)
	loaded=$(for file; do chroot "$root" "${loader#"$root"}" --list "$file" || exit 1; done)
	# Loaded by name at run time, so no file lists them: name service and thread cancellation.
	kept=" libnss_files.so.2 libnss_dns.so.2 libresolv.so.2 libgcc_s.so.1 $(
		echo "$loaded" | sed -n 's|.*/\([^/ ]*\) (0x.*|\1|p' | tr '\n' ' '
	)"
	for library in "$root"/usr/lib/*-linux-*/*.so*; do
		case "$kept" in *" ${library##*/} "*) kept="$kept$(basename "$(readlink -f "$library")") " ;; esac
	done
	for library in "$root"/usr/lib/*-linux-*/*.so*; do
		case "$kept" in *" ${library##*/} "*) ;; *) rm -f "$library" ;; esac
	done
}

# static_system ROOT 'PROGRAM...': an image of static programs and busybox, nothing else.
static_system() {
	ca_certificates "$1"
	for file in "$1"/usr/bin/* "$1"/usr/sbin/*; do
		case " busybox $2 " in *" ${file##*/} "*) ;; *) rm -f "$file" ;; esac
	done
	# No program here is linked to a library.
	rm -rf "$1"/usr/lib/*-linux-* "$1"/usr/lib64/* "$1"/usr/lib/ld-linux*
	busybox_applets "$1"
	slim "$1"
}

# slim ROOT: what no container needs; licences (usr/share/doc/*/copyright) stay.
slim() {
	find "$1/usr/share/doc" -mindepth 2 ! -type d ! -name copyright -delete
	find "$1/usr/share/doc" -mindepth 1 -type d -empty -delete
	rm -rf \
		"$1"/usr/share/man "$1"/usr/share/info "$1"/usr/share/locale \
		"$1"/usr/share/lintian "$1"/usr/share/bash-completion "$1"/usr/share/bug \
		"$1"/usr/share/i18n "$1"/usr/share/zsh "$1"/usr/share/pixmaps "$1"/usr/share/gcc \
		"$1"/usr/share/perl* "$1"/usr/lib/*-linux-*/perl* "$1"/usr/lib/*-linux-*/security \
		"$1"/usr/lib/*-linux-*/gconv "$1"/usr/lib/systemd "$1"/usr/lib/udev \
		"$1"/var/lib/dpkg "$1"/var/lib/apt "$1"/var/cache/apt "$1"/var/cache/debconf \
		"$1"/etc/init.d "$1"/etc/rc*.d "$1"/etc/cron.* \
		"$1"/etc/logrotate.d "$1"/etc/systemd
}
