#!/bin/sh
# Installs what plugin authors need, and the plugins that come with Reflux. Called by `make install`.
# Usage: install-plugin-kit.sh PREFIX BUILT_PLUGINS
set -eu
prefix=$1
plugins=$2
share=$prefix/share/reflux

# Replaces a folder below share/reflux by a copy; what is a link here is a file there.
put() {
    rm -rf "$share/$2"
    mkdir -p "$share/$2"
    cp -RL "$1/." "$share/$2"
}

if [ -d Templates ]; then
    put Templates templates
    # The kit has a place of its own, and so has the Rust binding.
    rm -rf "$share/templates/kit" "$share"/templates/rust/reflux "$share"/templates/rust/reflux.rs
    [ ! -d Templates/kit ] || put Templates/kit kit
    mkdir -p "$share/rust"
    for part in Templates/rust/reflux.rs Templates/rust/reflux; do
        [ ! -e "$part" ] || cp -R "$part" "$share/rust/"
    done
fi
for plugin in "$plugins"/*/; do
    [ -f "$plugin/plugin.json" ] || continue
    id=$(basename "$plugin")
    rm -rf "$prefix/lib/reflux/plugins/$id"
    cp -R "$plugin" "$prefix/lib/reflux/plugins/$id"
    # Libraries that everybody may write are refused when they are loaded.
    chmod -R go-w "$prefix/lib/reflux/plugins/$id"
done
