#!/usr/bin/env bash
# The step of action.yml that runs the suite. Root keys are in the environment of the suite.
# The script of Node is no shell, and MORE is an input.
# shellcheck disable=SC2016,SC2153
set -uo pipefail
mkdir -p "$REPORTS"
# Words of the input are arguments; nothing in them is expanded.
read -ra more <<< "$MORE"
arguments=(--target "$TARGET" --slug "$SLUG" --profile "$PROFILE"
  --report "$REPORTS/report.json" --junit "$REPORTS/junit.xml" --markdown "$REPORTS/report.md" --html "$REPORTS/report.html")
if [[ -n $EXPECTED_FAILURES ]]; then arguments+=(--expected-failures "$EXPECTED_FAILURES"); fi
# A badge is of a whole profile.
if [[ " $MORE " != *" --only"* && " $MORE " != *" --read-only "* ]]; then arguments+=(--badge "$REPORTS/badge.svg"); fi

node "$(dirname "$0")/cli.ts" "${arguments[@]}" "${more[@]}"
code=$?
if [[ -f $REPORTS/report.json ]]; then
  # A summary has at most 1 MiB, so it ends before the list of every check.
  sed '/^## \(Skipped\|Every promise\)$/,$d' "$REPORTS/report.md" >> "$GITHUB_STEP_SUMMARY"
  node -p 'const { results } = JSON.parse(require("fs").readFileSync(0, "utf8"));
    const held = results.filter(({ outcome }) => outcome === "passed" || outcome === "unexpected");
    `promised=${results.length}\nheld=${held.length}`' < "$REPORTS/report.json" >> "$GITHUB_OUTPUT"
fi
exit "$code"
