#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: project.sh TREE BUILD CC GENERATOR
#
# A stranger's CMake project finds the installed package and builds and runs
# programs with both faces; the .pc files lead to the same.

set -eu

tree=$1
build=$2
cc=$3
generator=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(sed -n 's/^#define VMS_VERSION_[A-Z]* //p' \
	"$tree/include/vmspace/vmspace.h" | tr '\n' . | sed 's/\.$//')

cmake --install "$build" --prefix "$work/prefix" >/dev/null
cmake -S "$tree/tests/client/project" -B "$work/build" -G "$generator" \
	-DCMAKE_C_COMPILER="$cc" -DCMAKE_PREFIX_PATH="$work/prefix" \
	-DWANTED="$version"
cmake --build "$work/build"
for face in handles dropin; do
	[ "$("$work/build/$face")" = "$version" ]
done

PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name vmspace.pc)")
export PKG_CONFIG_PATH
for module in vmspace vmspace-dragonfly; do
	[ "$(pkg-config --modversion $module)" = "$version" ]
done
libs=$(pkg-config --variable=libdir vmspace)
# shellcheck disable=SC2046
"$cc" "$tree/tests/client/project/dropin.c" \
	$(pkg-config --cflags --libs vmspace-dragonfly) \
	-Wl,-rpath,"$libs" -o "$work/dropin"
[ "$("$work/dropin")" = "$version" ]
[ "$("$work/prefix/bin/vmspace" --version)" = "vmspace $version" ]
