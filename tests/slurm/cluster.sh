#!/bin/sh
# A real Slurm with one node, this machine, in a folder of its own: for the tests. Needs root and the
# packages slurmctld, slurmd, slurm-client and munge (Debian 12: Slurm 22.05).
#
#   cluster.sh start DIR     starts munged, slurmctld, slurmd; prints the file for SLURM_CONF
#   cluster.sh stop DIR      cancels what runs there and ends those three, and nothing else
set -eu

action=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)
export SLURM_CONF="$dir/slurm.conf"

free_ports() {
    python3 - <<'PYTHON'
import socket
held = [socket.socket() for _ in range(2)]
for one in held:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in held))
PYTHON
}

configure() {
    # shellcheck disable=SC2046
    set -- $(free_ports)
    host=$(hostname -s)
    cpus=$(getconf _NPROCESSORS_ONLN)
    [ "$cpus" -ge 2 ] || cpus=2  # the tests start two ranks
    memory=$(awk '/MemTotal/ { print int($2 / 1024 * 0.9) }' /proc/meminfo)
    mkdir -p "$dir/state" "$dir/spool"
    cat >"$SLURM_CONF" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$1
SlurmdPort=$2
AuthType=auth/munge
AuthInfo=socket=$dir/munge.socket,cred_expire=5
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=pmi2
ReturnToService=2
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,batch_sched_delay=0
SchedulerTimeSlice=5
KillWait=10
MinJobAge=60
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cpus RealMemory=$memory
PartitionName=main Nodes=ALL Default=YES MaxTime=1:00:00 State=UP
CONF
}

start() {
    configure
    (umask 077 && head -c 1024 /dev/urandom >"$dir/munge.key")
    chmod 755 "$dir"
    munged --force --socket "$dir/munge.socket" --key-file "$dir/munge.key" \
        --pid-file "$dir/munge.pid" --log-file "$dir/munge.log" --seed-file "$dir/munge.seed"
    slurmctld
    slurmd
    for _ in $(seq 60); do
        case $(sinfo --noheader --format=%t 2>/dev/null) in
            idle) echo "$SLURM_CONF"; return ;;
        esac
        sleep 0.5
    done
    echo "the node is not idle after 30 s; see $dir/slurmctld.log and slurmd.log" >&2
    return 1
}

stop() {
    if [ -f "$SLURM_CONF" ]; then
        scancel --user root 2>/dev/null || true
        for _ in $(seq 40); do
            [ -n "$(squeue --noheader 2>/dev/null)" ] || break
            sleep 0.5
        done
    fi
    for name in slurmd slurmctld munge; do
        [ -f "$dir/$name.pid" ] || continue
        pid=$(cat "$dir/$name.pid")
        kill "$pid" 2>/dev/null || continue
        for _ in $(seq 50); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
    done
}

case $action in
    start) start ;;
    stop) stop ;;
    *) echo "cluster.sh start|stop DIR" >&2; exit 2 ;;
esac
