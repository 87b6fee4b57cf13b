#!/bin/sh
# Asks Patchcord what to do with a call, for an IVR that can start a program and read what it prints.
#
# usage: route-call.sh FROM [TO [CALL-ID]]
#
# Prints one word, the result of the scenario, and ends with status 0. Where there is no answer in time, whatever went
# wrong, it prints the fallback, says why on stderr, and ends with status 1: the call can be routed by the word either way.
#
# Settings are environment variables: PATCHCORD_TOKEN (an API token of the scope `run`), PATCHCORD_URL, PATCHCORD_SCENARIO,
# DEADLINE_MS and FALLBACK. Needs curl, and jq or python3.

url=${PATCHCORD_URL:-http://127.0.0.1:8460}
scenario=${PATCHCORD_SCENARIO:-find-caller}
deadline=${DEADLINE_MS:-2000}
fallback=${FALLBACK:-unavailable}

fall_back() {
    echo "route-call: $1" >&2
    echo "$fallback"
    exit 1
}

# Both write JSON themselves, so that a number with a quote in it stays a value.
question() {
    if command -v jq >/dev/null; then
        jq -cn --arg from "$1" --arg to "$2" --arg callid "$3" --argjson deadline "$deadline" \
            '{variables: {item: {from: $from, to: $to, callid: $callid}}, deadline_ms: $deadline, want: []}'
    else
        python3 -c 'import json, sys
item = dict(zip(("from", "to", "callid"), sys.argv[1:4]))
print(json.dumps({"variables": {"item": item}, "deadline_ms": int(sys.argv[4]), "want": []}))' "$1" "$2" "$3" "$deadline"
    fi
}

result() {
    if command -v jq >/dev/null; then
        jq -er '.result | strings'
    else
        python3 -c 'import json, sys
result = json.load(sys.stdin)["result"]
sys.exit("no text") if not isinstance(result, str) else print(result)'
    fi
}

[ $# -ge 1 ] || { echo "usage: $0 FROM [TO [CALL-ID]]" >&2; exit 2; }
question=$(question "$1" "${2:-}" "${3:-}") || fall_back "the question cannot be written"
# A little longer than the deadline, within which Patchcord answers.
patience=$((deadline / 1000 + 1))
# The token goes in by stdin: a command line can be read by everybody on the machine.
answer=$(
    {
        printf 'header = "Authorization: Bearer %s"\n' "${PATCHCORD_TOKEN:-}"
        # In hexadecimal, as an id may hold what a header must not.
        [ -z "${3:-}" ] || printf 'header = "Idempotency-Key: %s"\n' "$(printf %s "$3" | od -An -tx1 | tr -d ' \n')"
    } | curl --config - --silent --show-error --fail --max-time "$patience" \
        --header 'Content-Type: application/json' --data-binary "$question" "$url/v1/scenarios/$scenario/runs" 2>&1
) || fall_back "$answer"
word=$(printf '%s' "$answer" | result 2>/dev/null) || fall_back "the answer holds no result"
printf '%s\n' "$word"
