# shellcheck shell=bash
# Prepares what every bin/* command needs: Python packages, Odoo 19 and PostgreSQL.
# Sourced, never run. Everything lands in $SOP_HOME (default: .sop beside this folder,
# git-ignored); nothing on the machine is touched except packages asked from apt as root.
#
#   ODOO_HOME   an Odoo 19 that is already there (a checkout, or the root of an unpacked
#               package); default: fetched once into $SOP_HOME/odoo
#   PGHOST ...  a PostgreSQL that is already there; default: a private cluster on a
#               unix socket, one for bin/run (durable) and one for tests (fast, throw-away)
#   SOP_HOME    where all this lives

set -euo pipefail
SOP_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SOP_HOME=${SOP_HOME:-$SOP_ROOT/.sop}
case $SOP_HOME in /*) ;; *) SOP_HOME=$PWD/$SOP_HOME ;; esac
SOP_VENV=$SOP_HOME/venv
SOP_PYTHON=$SOP_VENV/bin/python
SOP_COMMAND=$SOP_HOME/odoo-bin

say() { printf '» %s\n' "$*" >&2; }
die() { printf '✗ %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

apt_update() {  # once
    [ -e "$SOP_HOME/.apt-updated" ] || apt-get update -qq >/dev/null || die "apt-get update failed: is a package mirror reachable?"
    touch "$SOP_HOME/.apt-updated"
}

# apt_install PURPOSE PACKAGE...: installs as root, says what to type otherwise.
apt_install() {
    local purpose=$1; shift
    have apt-get || die "$purpose is missing: install the equivalent of \"$*\" with this system's package manager, then start again."
    [ "$(id -u)" = 0 ] || die "$purpose is missing. Type: sudo apt-get install $* , then start again."
    say "installing $purpose ($*)"
    apt_update
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >"$SOP_HOME/apt.log" 2>&1 ||
        die "$purpose could not be installed (see $SOP_HOME/apt.log). Install $* by hand, then start again."
}

stamp_of() { echo "$SOP_VENV/.$(cat "$SOP_ROOT/requirements.txt" "$SOP_ROOT/$1" | cksum | cut -d' ' -f1)"; }

# A step that was cut off leaves no stamp, so the next start does it again.
setup_python() {
    local wanted=${1:-requirements.txt} python
    [ ! -e "$(stamp_of "$wanted")" ] && [ ! -e "$(stamp_of requirements-dev.txt)" ] || return 0  # the developer's hold the others
    python=${PYTHON:-python3}
    have "$python" || apt_install "Python 3" python3 python3-venv
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || die "Odoo 19 needs Python 3.10 or newer; $python is $("$python" -V). Set PYTHON to a newer one."
    if [ ! -x "$SOP_PYTHON" ] || ! "$SOP_PYTHON" -m pip --version >/dev/null 2>&1; then
        say "making a private Python environment"
        rm -rf "$SOP_VENV"
        "$python" -m venv "$SOP_VENV" 2>/dev/null ||
            { apt_install "the venv module" python3-venv; "$python" -m venv "$SOP_VENV"; } ||
            die "\"$python -m venv\" does not work here: install your system's python3-venv."
    fi
    say "installing Python packages of $wanted (about half a minute)"
    "$SOP_PYTHON" -m pip install -qq --disable-pip-version-check -r "$SOP_ROOT/$wanted" ||
        die "a Python package could not be installed (see above); the next start goes on from here."
    touch "$(stamp_of "$wanted")"
}

# The one Debian package that carries Odoo 19 is fetched and unpacked, never installed:
# installing it would pull another suite's Python into the system.
fetch_odoo() {
    local work=$SOP_HOME/odoo-download mirror keyring package
    { have apt-get && have dpkg-deb; } || die "no Odoo 19 here and no apt to fetch it with: set ODOO_HOME to an Odoo 19 checkout."
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    [ -r "$keyring" ] || apt_install "Debian's archive key" debian-archive-keyring
    # shellcheck disable=SC2016  # apt fills these in, not the shell
    mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN)' 'Created-By: Packages' 2>/dev/null |
        awk '$2 == "Debian" && $1 !~ /security/ { print $1; exit }')
    [ -n "$mirror" ] || die "apt knows no Debian mirror: set ODOO_HOME to an Odoo 19 checkout."
    mkdir -p "$work/sources" "$work/lists/partial"
    printf 'Types: deb\nURIs: %s\nSuites: sid\nComponents: main\nSigned-By: %s\n' "$mirror" "$keyring" >"$work/sources/odoo.sources"
    local options=(-o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$work/sources/" -o "Dir::State::Lists=$work/lists"
                   -o "Dir::Cache::pkgcache=" -o "Dir::Cache::srcpkgcache=" -o APT::Sandbox::User=root)
    say "looking up Odoo 19"
    apt-get "${options[@]}" update -qq || die "the package list could not be fetched: set ODOO_HOME to an Odoo 19 checkout, or start again later."
    say "fetching Odoo 19 (123 MB)"
    (cd "$work" && apt-get "${options[@]}" download odoo-19 >&2) || die "Odoo 19 could not be fetched; start again later, or set ODOO_HOME."
    package=$(find "$work" -name 'odoo-19_*.deb' -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2-)
    say "unpacking Odoo 19 (1.2 GB)"
    rm -rf "$SOP_HOME/odoo.part"
    dpkg-deb -x "$package" "$SOP_HOME/odoo.part"
    cure_debian_odoo "$SOP_HOME/odoo.part"
    mv "$SOP_HOME/odoo.part" "$SOP_HOME/odoo"
    rm -rf "$work"
}

# Debian leaves out one non-free file that the web client's bundle names (background blur
# of video calls), and links fonts and old libraries to packages of its own.
cure_debian_odoo() {
    local tree=$1 blur=$1/usr/lib/python3/dist-packages/odoo/addons/mail/static/lib/selfie_segmentation name
    mkdir -p "$blur"
    [ -e "$blur/selfie_segmentation.js" ] || : >"$blur/selfie_segmentation.js"
    if [ ! -d /usr/share/fonts-font-awesome ] || [ ! -d /usr/share/javascript/jquery ]; then
        apt_install "fonts and script libraries of Debian's Odoo" fonts-font-awesome fonts-roboto-unhinted fonts-inconsolata libjs-jquery libjs-jquery-form libjs-underscore
    fi
    for name in fonts fonts-font-awesome javascript; do
        [ -e "$tree/usr/share/$name" ] || ln -s "/usr/share/$name" "$tree/usr/share/$name"
    done
}

setup_odoo() {
    local packages
    if [ -n "${ODOO_HOME:-}" ]; then
        for packages in "$ODOO_HOME" "$ODOO_HOME/usr/lib/python3/dist-packages" ""; do
            [ -f "$packages/odoo/release.py" ] && break
        done
        [ -n "$packages" ] || die "ODOO_HOME ($ODOO_HOME) holds no Odoo: odoo/release.py was looked for there and in usr/lib/python3/dist-packages."
    else
        [ -d "$SOP_HOME/odoo" ] || fetch_odoo
        packages=$SOP_HOME/odoo/usr/lib/python3/dist-packages
    fi
    grep -q 'version_info = (19' "$packages/odoo/release.py" || die "the Odoo in $packages is not version 19."
    SOP_ODOO=$(cd "$packages" && pwd)
    packages=$("$SOP_PYTHON" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/odoo19.pth
    [ "$(cat "$packages" 2>/dev/null)" = "$SOP_ODOO" ] || echo "$SOP_ODOO" >"$packages"
    setup_command
}

# $SOP_COMMAND is Odoo's own command file. When a time or memory limit is reached, and for the process of the
# websockets, Odoo starts itself again by the file it was started with: "python -m odoo" cannot be started again.
# It does so as "python": that has to be this environment's.
setup_command() {
    local file
    export PATH=$SOP_VENV/bin:$PATH
    for file in "$SOP_ODOO/odoo-bin" "${SOP_ODOO%/lib/python3/dist-packages}/bin/odoo"; do
        [ -f "$file" ] || continue
        [ "$SOP_COMMAND" -ef "$file" ] || ln -sfn "$file" "$SOP_COMMAND"
        return
    done
    rm -f "$SOP_COMMAND"
    printf 'import odoo.cli\n\nif __name__ == "__main__":\n    odoo.cli.main()\n' >"$SOP_COMMAND"
}

# The proxy of docs/operations.md, for the tests. It is unpacked, not installed: one that is installed begins to serve.
fetch_proxy() {
    local part=$SOP_HOME/nginx.part package
    [ ! -x "$SOP_HOME/nginx/usr/sbin/nginx" ] && [ ! -x /usr/sbin/nginx ] && ! have nginx || return 0
    have apt-get || die "the proxy nginx is missing: install it with this system's package manager, then start again."
    say "fetching the proxy nginx"
    [ "$(id -u)" != 0 ] || apt_update
    rm -rf "$part"
    mkdir -p "$part"
    for package in nginx nginx-core; do  # which of them holds the program depends on the system's age
        (cd "$part" && apt-get download -qq "$package" >apt.log 2>&1 && dpkg-deb -x "$package"_*.deb .) || break
        [ ! -x "$part/usr/sbin/nginx" ] || break
    done
    [ -x "$part/usr/sbin/nginx" ] || die "nginx could not be fetched (see $part/apt.log). Install it, then start again."
    mv "$part" "$SOP_HOME/nginx"
}

debian_postgres() { printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1; }  # the newest

# pg_start NAME: the private cluster "run" or "test"; exports PGHOST and PGUSER for Odoo and psql.
pg_start() {
    local name=$1 bin data socket as=() fast=""
    [ -n "${PGHOST:-}" ] && { have psql || apt_install "the PostgreSQL client" postgresql-client; return; }
    bin=$(debian_postgres)
    if [ ! -x "$bin/initdb" ]; then
        bin=$(dirname "$(command -v initdb 2>/dev/null || echo /none/initdb)")
        if [ ! -x "$bin/initdb" ]; then
            apt_install PostgreSQL postgresql postgresql-client
            bin=$(debian_postgres)
        fi
    fi
    export PATH=$bin:$PATH
    data=$SOP_HOME/postgres-$name
    if [ "$(id -u)" = 0 ]; then  # PostgreSQL refuses to run as root
        as=(runuser -u postgres --)
        mkdir -p "$data"
        chown postgres: "$data"
        if ! "${as[@]}" test -w "$data"; then  # below a folder postgres may not enter
            rmdir "$data"
            data=/var/lib/postgresql/sop-$name-$(echo "$SOP_HOME" | cksum | cut -d' ' -f1)
            "${as[@]}" mkdir -p "$data"
        fi
    else
        mkdir -p "$data"
    fi
    socket=$data
    if [ ${#socket} -gt 80 ]; then  # a socket's path has 107 characters at most
        socket=${TMPDIR:-/tmp}/sop-$name-$(echo "$data" | cksum | cut -d' ' -f1)
        "${as[@]}" mkdir -p "$socket"
    fi
    if [ ! -e "$data/.ready" ]; then
        say "making a private PostgreSQL cluster ($name)"
        find "$data" -mindepth 1 -delete
        (cd / && "${as[@]}" "$bin/initdb" -D "$data" -A trust -U odoo -E UTF8 --locale=C.UTF-8 >/dev/null)
        touch "$data/.ready"
    fi
    [ "$name" = test ] && fast="-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    if ! (cd / && "${as[@]}" "$bin/pg_ctl" -D "$data" status >/dev/null 2>&1); then
        say "starting PostgreSQL ($name)"
        (cd / && "${as[@]}" "$bin/pg_ctl" -D "$data" -s -w -t 60 -l "$data/log" \
            -o "-k '$socket' -c listen_addresses='' -c max_connections=400 -c shared_buffers=512MB $fast" start </dev/null >/dev/null 2>&1) ||
            die "PostgreSQL did not start: see $data/log"
    fi
    export PGHOST=$socket PGPORT=5432 PGUSER=odoo
    unset PGPASSWORD PGDATABASE
}

setup() {
    mkdir -p "$SOP_HOME"
    exec 9>"$SOP_HOME/.lock"
    flock 9 2>/dev/null || true  # two commands at once: the second waits for the set-up of the first
    setup_python "${1:-requirements.txt}"
    setup_odoo
    pg_start "${2:-run}"
    flock -u 9 2>/dev/null || true
    exec 9>&-
}

# odoo ARGUMENT...: the Odoo command on this environment.
odoo() {
    "$SOP_PYTHON" "$SOP_COMMAND" "$@"
}
odoo_options=("--addons-path=$SOP_ROOT" "--data-dir=$SOP_HOME/data")

# Everything of Odoo itself that the suite and its demo shop stand on; installed once and
# without Odoo's own demo data (furniture in dollars is no help to a Vietnamese seller).
SOP_CORE=l10n_vn,sale_management,payment_demo,website_crm,website_livechat,crm,sale_crm,phone_validation,website_sale,account_payment,im_livechat,crm_livechat,sale_stock,stock_delivery,delivery,sale_loyalty,account_qr_code_emv

suite_addons() {  # the addons of this checkout, comma separated
    local manifest
    for manifest in "$SOP_ROOT"/sop_*/__manifest__.py; do basename "$(dirname "$manifest")"; done | paste -sd,
}

odoo_quiet() {  # odoo_quiet LOG ARGUMENT...: runs Odoo, shows its log only when it fails
    local log=$1; shift
    odoo "$@" >"$log" 2>&1 || { tail -n 40 "$log" >&2; die "Odoo stopped with an error; the whole log is in $log"; }
    if grep -qE ' (ERROR|CRITICAL) ' "$log"; then
        grep -E -A 20 ' (ERROR|CRITICAL) ' "$log" | head -n 60 >&2
        die "Odoo reported an error; the whole log is in $log"
    fi
}

database_exists() { psql -Atq -d postgres -c "SELECT 1 FROM pg_database WHERE datname = '$1'" | grep -q 1; }
drop_database() { psql -q -d postgres -c "DROP DATABASE IF EXISTS \"$1\" WITH (FORCE)" 2>/dev/null; rm -rf "$SOP_HOME/data/filestore/$1"; }
clone_database() {  # clone_database FROM TO: database and filestore
    drop_database "$2"
    psql -q -d postgres -c "CREATE DATABASE \"$2\" TEMPLATE \"$1\""
    mkdir -p "$SOP_HOME/data/filestore"
    cp -a "$SOP_HOME/data/filestore/$1" "$SOP_HOME/data/filestore/$2"
}

make_core_database() {  # make_core_database NAME: Odoo for a Vietnamese company, without the suite
    drop_database "$1"
    say "making database $1: Odoo for a Vietnamese company (about a minute and a half)"
    odoo_quiet "$SOP_HOME/$1-init.log" db --data-dir="$SOP_HOME/data" init "$1" --country VN --language vi_VN
    odoo_quiet "$SOP_HOME/$1-core.log" -d "$1" "${odoo_options[@]}" -i "$SOP_CORE" --stop-after-init --no-http --max-cron-threads=0
    # Vietnamese first, English available. Only now: a website made while both are active would speak both.
    psql -q -d "$1" -c "UPDATE res_lang SET active = TRUE WHERE code = 'en_US'"
}

install_suite() {  # install_suite NAME [--with-demo]: the suite's addons on a core database
    say "installing $(suite_addons) in $1${2:+ with demo data}"
    # Odoo loads an addon's demo data only above modules that have theirs: tell it so.
    [ -z "${2:-}" ] || psql -q -d "$1" -c "UPDATE ir_module_module SET demo = TRUE WHERE state = 'installed'"
    odoo_quiet "$SOP_HOME/$1-suite.log" -d "$1" "${odoo_options[@]}" -i "$(suite_addons)" "${@:2}" --stop-after-init --no-http --max-cron-threads=0
    if grep -q "demo data failed" "$SOP_HOME/$1-suite.log"; then
        grep -A 30 "demo data failed" "$SOP_HOME/$1-suite.log" | head -n 60 >&2
        die "the demo data could not be loaded; the whole log is in $SOP_HOME/$1-suite.log"
    fi
    [ -z "${2:-}" ] || warm_assets "$1"
}

suite_state() {  # a checksum of what an installed suite was made from
    (cd "$SOP_ROOT" && find sop_* -type f -not -path '*/tests/*' -not -name '*.pyc' -print0 | LC_ALL=C sort -z | xargs -0 cksum | cksum | cut -d' ' -f1)
}

warm_assets() {  # warm_assets NAME: scripts and styles are made now, not while the first person or each browser test waits
    odoo_quiet "$SOP_HOME/$1-assets.log" shell -d "$1" "${odoo_options[@]}" --no-http --log-level=error \
        <<<'env["ir.qweb"]._pregenerate_assets_bundles(); env.cr.commit()'
}

# Templates are kept between runs and made again when what they were made from has changed.
template_is() { [ "$(cat "$SOP_HOME/$1.template" 2>/dev/null)" = "$2" ] && database_exists "$1"; }
core_template() {
    local state
    state="$SOP_CORE $(cksum <"$SOP_ODOO/odoo/release.py") $(declare -f make_core_database | cksum)"
    template_is sop_core "$state" && return
    exec 8>"$SOP_HOME/.core.lock"
    flock 8 2>/dev/null || true
    template_is sop_core "$state" || { make_core_database sop_core; echo "$state" >"$SOP_HOME/sop_core.template"; }
    exec 8>&-
}
suite_template() {  # suite_template NAME [--with-demo]
    local state
    state="$(suite_state) $(cat "$SOP_HOME/sop_core.template")"
    template_is "$1" "$state" && return
    rm -f "$SOP_HOME/$1.template"
    clone_database sop_core "$1"
    install_suite "$@"
    [ -n "${2:-}" ] || warm_assets "$1"
    echo "$state" >"$SOP_HOME/$1.template"
}
