# Runs the program as a container does: in a root of its own that is read-only but for two folders.
#
#   unshare --mount --propagation private sh container.sh ROOT PROGRAM CONFIG ARCHIVE USER CAPABILITIES [VARIABLE=VALUE]… -- ARGUMENT…
#
# USER is `root`, or a number that has no entry in any passwd file. CAPABILITIES is a setpriv list for root. Nothing is left behind:
# the mounts end with the process. Exit code 99: this machine does not let us.
set -u
root=$1 program=$2 config=$3 archive=$4 user=$5 capabilities=$6
shift 6

hand_in() { # what, under which name, options
  if [ -d "$1" ]; then mkdir -p "$root$2"; else : >"$root$2"; fi
  mount --rbind "$1" "$root$2" || exit 99
}

mount -t tmpfs -o mode=0755 none "$root" || exit 99
for folder in /usr /lib /lib32 /lib64 /libx32 /bin /sbin; do
  if [ -L "$folder" ]; then cp -P "$folder" "$root$folder"; elif [ -d "$folder" ]; then hand_in "$folder" "$folder"; fi
done
mkdir "$root/dev" "$root/etc"
hand_in /proc /proc
hand_in /dev/null /dev/null
hand_in /dev/urandom /dev/urandom
hand_in "$program" /wangqi
hand_in "$config" /config
hand_in "$archive" /archive
mount -o remount,ro "$root" || exit 99
if touch "$root/written" 2>/dev/null; then exit 99; fi

set -- "$@"
variables=
while [ "$1" != -- ]; do
  variables="$variables $1"
  shift
done
shift
cd "$root" || exit 99
if [ "$user" = root ]; then
  # shellcheck disable=SC2086
  exec chroot "$root" /usr/bin/env -i $variables /usr/bin/setpriv --no-new-privs --inh-caps -all --bounding-set "$capabilities" \
    /wangqi "$@"
fi
# shellcheck disable=SC2086
exec chroot --userspec "$user:$user" --groups "" "$root" /usr/bin/env -i $variables /wangqi "$@"
