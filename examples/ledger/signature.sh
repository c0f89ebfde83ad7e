#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Whether a log's key signed its checkpoint, by openssl 3: bash signature.sh FOLDER VKEY_FILE
set -euo pipefail
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
key=$(<"$2")
sed '/^$/,$d' "$1/checkpoint" >"$work/text"
grep -F "— ${key%%+*} " "$1/checkpoint" | cut -d' ' -f3 | base64 -d | tail -c +5 >"$work/signature"
{ printf '\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00'; base64 -d <<<"${key#*+*+}" | tail -c +2; } >"$work/key"
openssl pkeyutl -verify -pubin -keyform DER -inkey "$work/key" -rawin -in "$work/text" -sigfile "$work/signature"
