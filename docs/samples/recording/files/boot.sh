# What the first process of a machine does: a disk of its own, an empty /run, few devices, another name.
# DISK (a folder for what is written), NAME (full host name) and LAST (number of the process before the next) are set above.
for folder in etc var usr/local; do
    mkdir -p "$DISK/$folder/upper" "$DISK/$folder/work"
    mount -t overlay overlay -o "lowerdir=/$folder,upperdir=$DISK/$folder/upper,workdir=$DISK/$folder/work" "/$folder"
done
for folder in home root run srv opt var/log var/tmp; do mount -t tmpfs -o mode=755 tmpfs "/$folder"; done
chmod 1777 /var/tmp

mount -t tmpfs -o mode=755 tmpfs /mnt
mkdir -p /mnt/net /mnt/pts /mnt/shm
for device in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
    IFS=: read -r name major minor <<EOL
$device
EOL
    mknod -m 666 "/mnt/$name" c "$major" "$minor"
done
mknod -m 666 /mnt/net/tun c 10 200
for link in fd:/proc/self/fd stdin:fd/0 stdout:fd/1 stderr:fd/2 ptmx:pts/ptmx; do ln -s "${link#*:}" "/mnt/${link%%:*}"; done
mount --move /mnt /dev
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm

hostname "$NAME"
echo "$NAME" > /etc/hostname
printf '%s' "$NAME" | md5sum | cut -c1-32 > /etc/machine-id
ln -sf /usr/share/zoneinfo/Asia/Ho_Chi_Minh /etc/localtime
echo Asia/Ho_Chi_Minh > /etc/timezone
printf '127.0.0.1 localhost\n::1 localhost\n' > /etc/hosts
rm -f /etc/resolv.conf && : > /etc/resolv.conf
mkdir -p /run/lock /run/sshd /run/user
mount -t tmpfs -o mode=1777 tmpfs /tmp
if [ "$LAST" -gt 0 ]; then echo "$LAST" > /proc/sys/kernel/ns_last_pid; fi
printf "%s" "$NAME boot" | md5sum | sed -E "s/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/\1-\2-4\3-8\4-\5/" > /run/boot_id
mount --bind /run/boot_id /proc/sys/kernel/random/boot_id
touch /run/booted
exec sleep infinity
