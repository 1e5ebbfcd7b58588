# Runs one engine and outlives whoever started it, for as long as it takes to
# stop that engine.
#   $1 clean stop signal   $2 hard stop signal   $3 seconds before the hard one
#   the rest: the engine's command
# stdin is a pipe whose only writer is the owner: when the owner stops, crashes
# or is killed, reading it ends, and the engine is stopped.
clean=$1 hard=$2 grace=$3
shift 3
unset DOCKET_GUARD
exec 3<&0
"$@" </dev/null >&2 3<&- &
engine=$!
# Set after the engine started, so that it does not inherit them. The kernel
# sends HUP to this group if the owner dies while the engine is suspended.
trap '' HUP INT QUIT
(
    while read -r _ <&3; do :; done
    waited=0
    while kill -0 "$engine"; do
        # The clean signal is repeated because an engine that has only just
        # started may not listen to it yet.
        if [ "$waited" -lt "$grace" ]; then kill -s "$clean" "$engine"
        elif [ "$waited" -lt "$((grace + 3))" ]; then kill -s "$hard" "$engine"
        else kill -s KILL "$engine"; fi
        # A suspended engine can act on a signal only once it runs again.
        kill -s CONT "$engine"
        sleep 1
        waited=$((waited + 1))
    done
) >/dev/null 2>&1 &
watcher=$!
exec 3<&-
echo "$engine"
exec >&-
wait "$engine"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
