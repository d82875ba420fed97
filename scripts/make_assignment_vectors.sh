#!/bin/sh
# Prints golden vectors for the assignment formula, made with sha256sum and shell arithmetic alone:
# visitor id, experiment id, traffic split, bucket, position of the variant.
#
#   scripts/make_assignment_vectors.sh > experiments/tests/assignment_vectors.csv
set -eu

uuid_from() {
    printf %s "$1" | sha256sum | cut -c1-32 |
        sed -E 's/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/\1-\2-4\3-a\4-\5/'
}

echo "visitor_id,experiment_id,traffic_split,bucket,position"
n=0
while [ "$n" -lt 240 ]; do
    visitor=$(uuid_from "visitor $n")
    case $((n % 4)) in
        0) experiment=a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11; split="50 50" ;;
        1) experiment=$(uuid_from "experiment one"); split="10 20 30 40" ;;
        2) experiment=$(uuid_from "experiment two"); split="0 100" ;;
        3) experiment=$(uuid_from "experiment three"); split="34 33 33" ;;
    esac
    digest=$(printf %s "$visitor$experiment" | sha256sum | cut -c1-8)
    bucket=$((0x$digest % 100))
    position=0
    cumulative=0
    for part in $split; do
        cumulative=$((cumulative + part))
        [ "$bucket" -lt "$cumulative" ] && break
        position=$((position + 1))
    done
    echo "$visitor,$experiment,$split,$bucket,$position"
    n=$((n + 1))
done
