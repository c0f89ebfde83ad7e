#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The root of a log from its entries, by sha256sum, and whether it is that of the checkpoint: bash root.sh FOLDER
set -euo pipefail
cd "$1"
size=$(sed -n 2p checkpoint)

bytes() { printf "$(sed 's/../\\x&/g' <<<"$1")"; }  # of hexadecimal
node() { bytes "01$1$2" | sha256sum | cut -c-64; }
bundle() {  # the path of bundle $1, which has $2 entries
    local rest=$1 name=""
    while name=$(printf %03d $((rest % 1000)))$name; ((rest /= 1000)); do name=/$name; done
    name=$(sed 's|\([0-9]*\)/|x\1/|g' <<<"$name")
    (($2 == 256)) && echo "tile/entries/$name" || echo "tile/entries/$name.p/$2"
}

row=()
for ((first = 0; first < size; first += 256)); do
    width=$((size - first < 256 ? size - first : 256))
    file=$(bundle $((first / 256)) $width)
    for ((at = 0, entry = 0; entry < width; at += 2 + length, entry++)); do
        length=$((0x$(od -An -tx1 -j $at -N 2 "$file" | tr -d ' ')))
        row+=("$({ bytes 00; head -c $((at + 2 + length)) "$file" | tail -c $length; } | sha256sum | cut -c-64)")
    done
done
while ((${#row[@]} > 1)); do  # a last one without a neighbour stays for the next round
    above=()
    for ((i = 0; i < ${#row[@]}; i += 2)); do
        ((i + 1 < ${#row[@]})) && above+=("$(node "${row[i]}" "${row[i + 1]}")") || above+=("${row[i]}")
    done
    row=("${above[@]}")
done
root=$(bytes "${row[0]}" | base64)
[ "$root" = "$(sed -n 3p checkpoint)" ] || { echo "$size entries make $root, which is not what was signed" >&2; exit 1; }
echo "$size entries make the root that was signed: $root"
