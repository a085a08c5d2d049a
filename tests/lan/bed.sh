#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# bed.sh - several hosts with mDNS on one machine, cut off from every real network.
#
# Every host is a network namespace with its own
#   * interface eth0, with -2 also eth1 (IPv4; IPv6 link-local with -6, unique-local too with -g),
#   * dbus-daemon (its "system" bus, stock or raised limits),
#   * avahi-daemon (own configuration, tmpfs on /run/avahi-daemon, own /etc/avahi/services).
# Each net is a bridge in a namespace of its own, so no interface of the bed is ever in the root
# namespace and no multicast packet can leave the machine.
#
# Usage:  bed.sh up      [options]        make the bed (anew if it is up)
#         bed.sh down    [options]        remove all of it; fine if there is none
#         bed.sh env     HOST             print 'export …' lines for HOST, to be evaluated
#         bed.sh exec    HOST CMD [ARG]…  run CMD on HOST (namespace and environment)
#         bed.sh restart HOST [KEY=VAL]…  stop and start HOST's avahi-daemon: its cache is empty
#                                         then; KEY=VAL change its configuration
#         bed.sh kill    HOST [SIGNAL]    signal HOST's avahi-daemon only (default KILL)
#         bed.sh start   HOST [KEY=VAL]…  start HOST's avahi-daemon after 'kill'
#         bed.sh link    HOST [IF] up|down    set HOST's interface (eth0) up or down: HOST notices
#         bed.sh cable   HOST [IF] in|out     plug or unplug HOST's cable: HOST loses the carrier
#         bed.sh pids    HOST             print avahi=PID dbus=PID of HOST
#         bed.sh status                   say what is up; exit status 0 if all of it is
#
# Options (of 'up'; -d and -p also of every other verb):
#   -d DIR     state directory               (default ${BED_DIR:-/tmp/disco-bed})
#   -p PREFIX  prefix of namespace names     (default ${BED_PREFIX:-disco}; 8 characters at most)
#   -n N       number of hosts, 1 to 24, named a, b, c, …       (default 2)
#   -2         two interfaces a host, eth0 and eth1, on nets that are not connected
#   -6         IPv6 (link-local) as well as IPv4                (default: IPv4 only)
#   -g         -6, and a unique-local IPv6 address on each interface
#   -x HOST    no avahi-daemon on HOST, for a responder of its own there; may be repeated
#   -L         raise every limit of avahi-daemon and dbus-daemon (default: their own limits)
#   -o KEY=VAL override one avahi-daemon.conf setting on every host, -o HOST:KEY=VAL on one; may
#              be repeated. The section is found from the key; SECTION/KEY=VAL names it.
#   -w PID     take the bed down when process PID has ended, however it ended
#
# 'env HOST' prints BED_HOST, BED_NETNS, BED_IP (and BED_IP1 of eth1, BED_IP6 unique-local of eth0),
# BED_DIR, BED_PREFIX, BED_AVAHI_PID, BED_DBUS_PID, BED_SERVICES (directory of static .service files
# of that host) and DBUS_SYSTEM_BUS_ADDRESS.
# Needs root, iproute2, util-linux, dbus-daemon, avahi-daemon. Nothing of the machine's own
# configuration changes. Only processes recorded by (pid, start time), or living in the bed's own
# namespaces, are ever killed. Every wait is bounded. Beds with different -d and -p run side by side.
#
# Exit status: 0 done; 1 failed (nothing of it is left); 2 wrong usage;
#              77 this machine cannot run a bed (not root, or something is missing).

set -u
umask 022
caller_locale=${LC_ALL-}
export LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin

self=$(readlink -f "$0")
me=${0##*/}
die() { echo "$me: $*" >&2; exit 1; }
usage() { sed -n '3,/^$/s/^# \{0,1\}//p' "$self" >&2; exit 2; }
skip() { echo "$me: cannot run here: $*" >&2; exit 77; }
DIR=${BED_DIR:-/tmp/disco-bed}
PREFIX=${BED_PREFIX:-disco}
N=2 V6=0 ULA=0 RAISED=0 NETS=1 WITHOUT='' OWNER=''
OVERRIDES=()

[ $# -ge 1 ] || usage
verb=$1; shift
while getopts 'd:p:n:26gx:Lo:w:' option; do
  case $option in
    d) DIR=$OPTARG ;;
    p) PREFIX=$OPTARG ;;
    n) N=$OPTARG ;;
    2) NETS=2 ;;
    6) V6=1 ;;
    g) V6=1 ULA=1 ;;
    x) WITHOUT+=$OPTARG ;;
    L) RAISED=1 ;;
    o) OVERRIDES+=("$OPTARG") ;;
    w) OWNER=$OPTARG ;;
    *) usage ;;
  esac
done
shift $((OPTIND - 1))

case $PREFIX in '' | *[!a-z0-9]*) die "bad prefix '$PREFIX'" ;; esac
[ ${#PREFIX} -le 8 ] || die "prefix '$PREFIX' is too long"
case $DIR in /*) ;; *) die "the state directory must be an absolute path" ;; esac
case $N in '' | *[!0-9]*) die "bad number of hosts '$N'" ;; esac
((N >= 1 && N <= 24)) || die "1 to 24 hosts, not $N"
case $WITHOUT$OWNER in *[!a-x0-9]*) usage ;; esac

letters=abcdefghijklmnopqrstuvwx
v4_nets=(198.51.100 203.0.113) # documentation nets, RFC 5737
v6_nets=(fd51:d15c:0:a fd51:d15c:0:b)
ns() { echo "$PREFIX-$1"; }
SWITCH=$PREFIX-sw

# --- processes ---------------------------------------------------------------

# The start time of a process in clock ticks: with the pid it names one process for ever.
# Nothing for a zombie: the init of a container may be slow to reap.
start_time() {
  local line
  { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 0
  line=${line##*) }
  # shellcheck disable=SC2086
  set -- $line
  [ "$1" = Z ] || echo "${20}"
}

# record FILE PID: remember a process
record() { printf '%s %s\n' "$2" "$(start_time "$2")" >"$1"; }

# alive FILE: print the recorded pid if that very process is alive
alive() {
  local pid start
  [ -r "$1" ] && read -r pid start <"$1" && [ -n "$pid" ] && [ -n "$start" ] &&
    [ "$(start_time "$pid")" = "$start" ] && echo "$pid"
}

# stop FILE [SIGNAL]: end the recorded process; at most 2 s, then KILL and at most 2 s
stop() {
  local pid signal
  pid=$(alive "$1") || { rm -f "$1"; return 0; }
  for signal in "${2:-TERM}" KILL; do
    kill "-$signal" "$pid" 2>/dev/null
    for _ in $(seq 200); do
      alive "$1" >/dev/null || { rm -f "$1"; return 0; }
      sleep 0.01
    done
  done
  echo "$me: process $pid does not end" >&2
  return 1
}

# wait_for SECONDS CMD…: until CMD succeeds
wait_for() {
  local limit=$1; shift
  for _ in $(seq $((limit * 50))); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 0.02
  done
  return 1
}

# --- configuration -----------------------------------------------------------

section_of() {
  case $1 in
    */*) echo "${1%%/*}" ;;
    host-name | domain-name | browse-domains | use-ipv[46] | allow-interfaces | deny-interfaces | \
      check-response-ttl | use-iff-running | enable-dbus | disallow-other-stacks | \
      allow-point-to-point | cache-entries-max | clients-max | objects-per-client-max | \
      entries-per-entry-group-max | ratelimit-interval-usec | ratelimit-burst) echo server ;;
    enable-wide-area) echo wide-area ;;
    disable-publishing | disable-user-service-publishing | add-service-cookie | publish-*) echo publish ;;
    enable-reflector | reflect-ipv | reflect-filters) echo reflector ;;
    rlimit-*) echo rlimits ;;
    *) return 1 ;;
  esac
}

# avahi_conf HOST [KEY=VAL]…: write HOST's avahi-daemon.conf; later settings win
avahi_conf() {
  local host=$1 setting key section v6=no interfaces=eth0; shift
  local -A value=() in_section=()
  [ "$V6" = 1 ] && v6=yes
  [ "$NETS" = 2 ] && interfaces=eth0,eth1
  local base=("host-name=host-$host" use-ipv4=yes "use-ipv6=$v6" "allow-interfaces=$interfaces"
    enable-dbus=yes enable-wide-area=no publish-hinfo=no publish-workstation=no)
  [ "$RAISED" = 1 ] && base+=(ratelimit-interval-usec=0 cache-entries-max=1000000
    clients-max=100000 objects-per-client-max=100000 entries-per-entry-group-max=100000)
  for setting in "${base[@]}" "$@"; do
    case $setting in *=*) ;; *) die "bad setting '$setting'" ;; esac
    key=${setting%%=*}
    case $key in
      [a-x]:*) [ "${key%%:*}" = "$host" ] || continue; key=${key#*:} ;;
    esac
    section=$(section_of "$key") || die "unknown avahi-daemon setting '$key' (use SECTION/KEY=VAL)"
    key=${key##*/}
    value[$key]=${setting#*=} in_section[$key]=$section
  done
  for section in server wide-area publish reflector rlimits; do
    echo "[$section]"
    for key in "${!value[@]}"; do
      [ "${in_section[$key]}" = "$section" ] && echo "$key=${value[$key]}"
    done | sort
  done >"$DIR/$host/avahi-daemon.conf"
}

dbus_conf() {
  local limit='
  <limit name="LIMIT">VALUE</limit>' limits='' pair
  if [ "$RAISED" = 1 ]; then
    for pair in max_{incoming,outgoing}_bytes=1000000000 max_incomplete_connections=10000 \
      max_{completed_connections,connections_per_user}=100000 \
      max_{names,match_rules,replies}_per_connection=50000; do
      limits+=${limit/LIMIT/${pair%=*}}
      limits=${limits/VALUE/${pair#*=}}
    done
  fi
  cat >"$DIR/$1/dbus.conf" <<EOF
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=$DIR/$1/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/>
    <allow send_type="method_call"/><allow send_type="signal"/>
    <allow send_requested_reply="true"/>
    <allow receive_type="method_call"/><allow receive_type="signal"/>
    <allow receive_requested_reply="true"/>
    <allow send_destination="*" eavesdrop="false"/>
  </policy>$limits
</busconfig>
EOF
}

# --- one host ----------------------------------------------------------------

has_avahi() { case $WITHOUT in *"$1"*) return 1 ;; esac; }

avahi_running() {
  DBUS_SYSTEM_BUS_ADDRESS=unix:path=$DIR/$1/bus timeout 2 \
    dbus-send --system --print-reply=literal --dest=org.freedesktop.Avahi / \
    org.freedesktop.Avahi.Server.GetState 2>/dev/null | grep -q 'int32 2'
}

# The chain nsenter - unshare - sh - avahi-daemon only executes: $! is the daemon.
spawn_avahi() {
  local dir=$DIR/$1
  alive "$dir/avahi.pid" >/dev/null && die "avahi-daemon of host $1 is running"
  # shellcheck disable=SC2016
  DBUS_SYSTEM_BUS_ADDRESS=unix:path=$dir/bus \
    nsenter --net="/run/netns/$(ns "$1")" unshare -m --propagation private sh -c '
      mount -t tmpfs -o size=1m tmpfs /run/avahi-daemon &&
      mount --bind "$1/services" /etc/avahi/services &&
      exec avahi-daemon -f "$1/avahi-daemon.conf" --no-drop-root --no-rlimits --no-chroot
      ' sh "$dir" </dev/null >>"$dir/avahi.log" 2>&1 &
  record "$dir/avahi.pid" $!
}

# Names are probed at start, so the daemon is RUNNING after about 1 s.
await_avahi() {
  wait_for 20 avahi_running "$1" && return 0
  tail -5 "$DIR/$1/avahi.log" >&2
  die "avahi-daemon of host $1 does not come up"
}

start_dbus() {
  local dir=$DIR/$1
  rm -f "$dir/bus"
  nsenter --net="/run/netns/$(ns "$1")" \
    dbus-daemon --config-file="$dir/dbus.conf" --nofork --nopidfile \
    </dev/null >>"$dir/dbus.log" 2>&1 &
  record "$dir/dbus.pid" $!
  wait_for 10 test -S "$dir/bus" && return 0
  tail -5 "$dir/dbus.log" >&2
  die "dbus-daemon of host $1 does not come up"
}

# Multicast of programs that pick no interface goes to eth0.
multicast_route() { ip -n "$(ns "$1")" route replace 224.0.0.0/4 dev eth0; }

# make_interface HOST NUMBER NET: ethNET of the host with that number
make_interface() {
  local host=$1 number=$2 net=$3 name port
  name=$(ns "$host") port=port-$host$net
  ip -n "$SWITCH" link add "$port" type veth peer name "eth$net" netns "$name" &&
    ip -n "$SWITCH" link set "$port" master "br$net" up &&
    ip -n "$name" addr add "${v4_nets[net]}.$number/24" brd + dev "eth$net" &&
    { [ "$ULA" = 0 ] || ip -n "$name" addr add "${v6_nets[net]}::$number/64" dev "eth$net" nodad; } &&
    ip -n "$name" link set "eth$net" up
}

make_host() {
  local host=$1 number=$2 name net
  name=$(ns "$host")
  mkdir -p "$DIR/$host/services"
  ip netns add "$name" || die "namespace $name"
  # without duplicate address detection the addresses are usable at once
  ip netns exec "$name" sysctl -qw \
    net.ipv6.conf.{all,default}.disable_ipv6=$((1 - V6)) \
    net.ipv6.conf.{all,default}.accept_dad=0 \
    net.ipv6.conf.{all,default}.keep_addr_on_down=1 2>/dev/null
  ip -n "$name" link set lo up
  for ((net = 0; net < NETS; net++)); do
    make_interface "$host" "$number" "$net" || die "interface eth$net of $host"
  done
  multicast_route "$host" || die "route of $host"
  echo "$number" >"$DIR/$host/number"
  echo "$host" >>"$DIR/hosts"
  dbus_conf "$host"
  start_dbus "$host"
  avahi_conf "$host" ${OVERRIDES[@]+"${OVERRIDES[@]}"}
}

# --- up and down -------------------------------------------------------------

namespaces() {
  local name
  for name in $(ip netns list 2>/dev/null | cut -d' ' -f1); do
    case $name in "$PREFIX"-[a-x] | "$SWITCH") echo "$name" ;; esac
  done
}

# Whatever was left running in the bed's own namespaces: TERM, at most 1 s, KILL.
empty_namespace() {
  local pid signal
  for signal in TERM KILL; do
    for pid in $(ip netns pids "$1" 2>/dev/null); do
      [ "$pid" != $$ ] && kill "-$signal" "$pid" 2>/dev/null
    done
    for _ in $(seq 50); do
      [ -z "$(ip netns pids "$1" 2>/dev/null)" ] && return 0
      sleep 0.02
    done
  done
}

bed_down() {
  local file name guard left=0
  for file in "$DIR"/*/avahi.pid "$DIR"/*/dbus.pid; do
    [ -e "$file" ] && { stop "$file" || left=1; }
  done
  for name in $(namespaces); do
    empty_namespace "$name"
    ip netns del "$name" || left=1
  done
  # last, for it may be this very process; only a directory that 'up' marked is removed
  guard=$(alive "$DIR/guard.pid") || guard=
  [ -e "$DIR/.bed" ] && rm -rf "$DIR"
  [ -n "$guard" ] && [ "$guard" != $PPID ] && kill -TERM -- "-$guard" 2>/dev/null
  return $left
}

check_machine() {
  local tool
  [ "$(id -u)" = 0 ] || skip "not root"
  for tool in ip nsenter unshare sysctl dbus-daemon dbus-send avahi-daemon mount seq timeout; do
    command -v $tool >/dev/null || skip "$tool is missing"
  done
  ip netns add "$SWITCH" 2>/dev/null || skip "network namespaces cannot be made"
  ip -n "$SWITCH" link add br0 type bridge mcast_snooping 0 2>/dev/null ||
    { ip netns del "$SWITCH"; skip "the kernel makes no bridge"; }
}

# A process in a session and with a parent of its own, so that it outlives even the SIGKILL of the
# whole family of the bed's owner.
guard() {
  local pid
  # shellcheck disable=SC2016
  pid=$(setsid bash -c 'tail -s 0.3 --pid="$1" -f /dev/null; "$2" down -d "$3" -p "$4"' \
    bed-guard "$OWNER" "$self" "$DIR" "$PREFIX" </dev/null >/dev/null 2>&1 & echo $!)
  record "$DIR/guard.pid" "$pid"
}

make_switch() {
  local net
  # the bridges carry IPv6 of the hosts, and have none of their own
  ip netns exec "$SWITCH" sysctl -qw net.ipv6.conf.{all,default}.disable_ipv6=1 2>/dev/null
  for ((net = 0; net < NETS; net++)); do
    [ "$net" = 0 ] || ip -n "$SWITCH" link add "br$net" type bridge mcast_snooping 0 || return 1
    ip -n "$SWITCH" link set "br$net" type bridge forward_delay 0 2>/dev/null
    ip -n "$SWITCH" link set "br$net" up || return 1
  done
}

bed_up() {
  local i host
  if [ -e "$DIR" ] && [ ! -e "$DIR/.bed" ] && [ -n "$(ls -A "$DIR" 2>/dev/null)" ]; then
    die "$DIR exists and is no bed"
  fi
  [ "$(id -u)" = 0 ] || skip "not root"
  bed_down || die "an older bed could not be removed"
  check_machine
  trap 'bed_down' EXIT
  trap 'exit 1' INT TERM HUP
  mkdir -p "$DIR" || die "cannot make $DIR"
  : >"$DIR/.bed"
  echo "PREFIX=$PREFIX V6=$V6 ULA=$ULA RAISED=$RAISED NETS=$NETS WITHOUT=$WITHOUT" >"$DIR/conf"
  printf '%s\n' ${OVERRIDES[@]+"${OVERRIDES[@]}"} >"$DIR/overrides"
  [ -z "$OWNER" ] || guard
  mkdir -p /run/avahi-daemon /etc/avahi/services # mount points only
  make_switch || die "bridge"
  for ((i = 0; i < N; i++)); do make_host "${letters:i:1}" $((i + 1)); done
  for ((i = 0; i < N; i++)); do
    host=${letters:i:1}
    has_avahi "$host" && spawn_avahi "$host"
  done
  for ((i = 0; i < N; i++)); do
    host=${letters:i:1}
    has_avahi "$host" && await_avahi "$host"
  done
  trap - EXIT INT TERM HUP
}

# --- the other verbs ---------------------------------------------------------

bed_env() {
  local dir=$DIR/$1 number
  number=$(cat "$dir/number")
  cat <<EOF
export BED_HOST=$1
export BED_NETNS=$(ns "$1")
export BED_IP=${v4_nets[0]}.$number
export BED_DIR=$DIR
export BED_PREFIX=$PREFIX
export BED_AVAHI_PID=$(alive "$dir/avahi.pid")
export BED_DBUS_PID=$(alive "$dir/dbus.pid")
export BED_SERVICES=$dir/services
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$dir/bus
EOF
  [ "$NETS" = 1 ] || echo "export BED_IP1=${v4_nets[1]}.$number"
  [ "$ULA" = 0 ] || echo "export BED_IP6=${v6_nets[0]}::$number"
}

# The bed's own settings win over the options of a later verb.
load() {
  local line
  [ -r "$DIR/conf" ] || die "no bed at $DIR"
  # shellcheck disable=SC1091
  . "$DIR/conf"
  SWITCH=$PREFIX-sw
  OVERRIDES=()
  while read -r line; do [ -n "$line" ] && OVERRIDES+=("$line"); done <"$DIR/overrides"
  return 0
}

# load_host HOST: the bed's settings, and that there is such a host
load_host() {
  load
  [ -n "${1:-}" ] || usage
  grep -qx -- "$1" "$DIR/hosts" 2>/dev/null || die "no host '$1' in the bed at $DIR"
}

# The neighbours' addresses in a bed never change, but a route goes with its interface.
set_link() {
  local host=$1 interface=$2
  ip -n "$(ns "$host")" link set "$interface" "$3" || return 1
  [ "$3" = down ] || [ "$interface" != eth0 ] || multicast_route "$host"
}

bed_status() {
  local host bus avahi bad=0
  while read -r host; do
    avahi=$(alive "$DIR/$host/avahi.pid")
    bus=$(alive "$DIR/$host/dbus.pid")
    echo "$host ${v4_nets[0]}.$(cat "$DIR/$host/number") netns=$(ns "$host")" \
      "dbus=${bus:-down} avahi=${avahi:-down}"
    [ -n "$bus" ] || bad=1
    [ -n "$avahi" ] || ! has_avahi "$host" || bad=1
  done <"$DIR/hosts"
  return $bad
}

case $verb in
  up)
    bed_up ;;
  down)
    [ $# -eq 0 ] || usage
    [ "$(id -u)" = 0 ] || skip "not root"
    bed_down ;;
  env)
    load_host "${1:-}"
    bed_env "$1" ;;
  pids)
    load_host "${1:-}"
    echo "avahi=$(alive "$DIR/$1/avahi.pid") dbus=$(alive "$DIR/$1/dbus.pid")" ;;
  exec)
    load_host "${1:-}"; host=$1; shift
    [ $# -ge 1 ] || usage
    eval "$(bed_env "$host")"
    if [ -n "$caller_locale" ]; then LC_ALL=$caller_locale; else unset LC_ALL; fi
    exec nsenter --net="/run/netns/$(ns "$host")" "$@" ;;
  restart | start)
    load_host "${1:-}"; host=$1; shift
    [ "$verb" = start ] || stop "$DIR/$host/avahi.pid" || exit 1
    alive "$DIR/$host/dbus.pid" >/dev/null || start_dbus "$host"
    avahi_conf "$host" ${OVERRIDES[@]+"${OVERRIDES[@]}"} "$@"
    spawn_avahi "$host"
    await_avahi "$host" ;;
  kill)
    load_host "${1:-}"
    stop "$DIR/$1/avahi.pid" "${2:-KILL}" ;;
  link | cable)
    load_host "${1:-}"
    [ $# = 3 ] || set -- "$1" eth0 "${2:-}"
    case $2:$verb:$3 in
      eth[01]:link:up | eth[01]:link:down) set_link "$1" "$2" "$3" ;;
      eth[01]:cable:in) ip -n "$SWITCH" link set "port-$1${2#eth}" up ;;
      eth[01]:cable:out) ip -n "$SWITCH" link set "port-$1${2#eth}" down ;;
      *) usage ;;
    esac ;;
  status)
    load
    bed_status ;;
  *) usage ;;
esac
