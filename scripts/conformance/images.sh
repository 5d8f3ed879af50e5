#!/usr/bin/env bash
# Makes the images that the tests name, in a registry. To be sourced by conformance.sh.
# shellcheck source=scripts/vm/disk.sh
. scripts/vm/disk.sh

registry=$tools/registry
registry_log=$tools/registry.log

# registry_serve ADDRESS COMMAND…: becomes the registry, by way of a command.
registry_serve() {
  local address=$1
  shift
  cat >"$tools/registry.yml" <<YAML
version: 0.1
storage: {filesystem: {rootdirectory: $registry}, delete: {enabled: false}}
http: {addr: "$address", secret: ours}
YAML
  exec "$@" /usr/bin/docker-registry serve "$tools/registry.yml" >"$registry_log" 2>&1
}

# What the images have below: Debian, with the programs that the tests call in them.
debian_packages=(
  base-files bash bind9-dnsutils busybox-static coreutils curl dash grep iperf iproute2 libc-bin netcat-openbsd nginx-light
  passwd procps sed util-linux
)
make_debian() {
  local codename sources
  debian=$PWD/.cache/conformance/debian.tar
  [ ! -e "$debian" ] || return 0
  need mmdebstrap mmdebstrap
  codename=$(. /etc/os-release && [ "${ID:-}" = debian ] && echo "$VERSION_CODENAME") ||
    die 'the images of the tests are made of Debian packages by the apt sources of this system, which is no Debian'
  mapfile -t sources < <(vm_sources "$codename")
  say "collecting the packages of the tests' images"
  vm_apt_options >"$debian.conf"
  mmdebstrap --quiet --variant=essential --aptopt="$debian.conf" --include="$(IFS=, && echo "${debian_packages[*]}")" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    "$codename" "$debian.draft.tar" "${sources[@]}" >"$debian.log" 2>&1 ||
    die "the packages were not collected: $(grep -m1 '^E: ' "$debian.log" || tail -n 1 "$debian.log")"
  mv "$debian.draft.tar" "$debian"
}

# layer NAME: what stands in $stage, as root's.
layer() {
  tar --create --file "$tools/$1.tar" --directory "$stage" --owner 0 --group 0 --numeric-owner .
  rm -rf "$stage"
  mkdir -p "$stage"
}

make_layers() {
  local applet
  stage=$tools/stage
  rm -rf "$stage" && mkdir -p "$stage"
  # Where the tests expect busybox, everything is it.
  mkdir -p "$stage"/{bin,etc,root,usr/bin,var/www,dev,proc,sys} && install -d -m 1777 "$stage/tmp"
  cp /usr/bin/busybox "$stage/bin/"
  busybox --list | grep -v "^busybox$" | while read -r applet; do ln "$stage/bin/busybox" "$stage/bin/$applet"; done
  # Two that Debian's busybox lacks, as far as the tests call them.
  printf '%s\n' '#!/bin/sh' 'grep -lx "$1" /proc/[0-9]*/comm 2>/dev/null | cut -d / -f 3' >"$stage/bin/pgrep"
  printf '%s\n' '#!/bin/sh' 'cat /proc/sysvipc/shm' >"$stage/bin/ipcs"
  chmod 755 "$stage/bin/pgrep" "$stage/bin/ipcs"
  printf '%s\n' root:x:0:0::/root:/bin/sh www-data:x:33:33::/var/www:/bin/false nobody:x:65534:65534::/:/bin/false \
    >"$stage/etc/passwd"
  printf '%s\n' root:x:0: www-data:x:33: nogroup:x:65534: >"$stage/etc/group"
  layer busybox
  mkdir -p "$stage/etc"
  printf '%s\n' root:x:0:0::/root:/bin/sh default-user:x:1000:1000::/:/bin/sh >"$stage/etc/passwd"
  printf '%s\n' root:x:0: default-user:x:1000: group-defined-in-image:x:50000:default-user >"$stage/etc/group"
  layer group
  for each in 1 2 3; do
    echo $each >"$stage/test-image-$each"
    layer test-image-$each
  done
  # Users and certificates as the tests of agnhost's image know them.
  mkdir -p "$stage/uploads" "$stage/etc"
  cp "$tools/agnhost" "$stage/agnhost" && ln -s agnhost "$stage/agnhost-2"
  tar -xOf "$debian" ./etc/passwd >"$stage/etc/passwd"
  echo user-defined-in-image:x:1000:1000::/:/bin/sh >>"$stage/etc/passwd"
  tar -xOf "$debian" ./etc/group >"$stage/etc/group"
  echo group-defined-in-image:x:50000:user-defined-in-image >>"$stage/etc/group"
  need openssl openssl
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
    -keyout "$stage/localhost.key" -out "$stage/localhost.crt" 2>/dev/null
  layer agnhost
  mkdir -p "$stage/usr/local/bin"
  install -m 6755 "$tools/nonewprivs" "$stage/usr/local/bin/nnp"
  layer nnp
  # What the tests ask nginx for: its page, at port 80, or at 12003 where it is in the node's network.
  mkdir -p "$stage/var/www/html" "$stage/etc/nginx/sites-enabled" "$stage/usr/local/bin"
  echo '<html><title>Welcome to nginx!</title></html>' >"$stage/var/www/html/index.html"
  echo 'server { listen 80 default_server; root /var/www/html; }' >"$stage/etc/nginx/sites-enabled/default"
  printf '#!/bin/sh\necho httpd\nexec nginx -g "daemon off;"\n' >"$stage/usr/local/bin/httpd-foreground"
  chmod 755 "$stage/usr/local/bin/httpd-foreground"
  ln -s /bin/busybox "$stage/usr/local/bin/grep"
  layer nginx
  mkdir -p "$stage/etc/nginx/sites-enabled"
  echo 'server { listen 12003 default_server; root /var/www/html; }' >"$stage/etc/nginx/sites-enabled/default"
  layer nginx-12003
}

# image NAME LAYERS OPTION…: puts an image into the registry; layers by name, with commas.
image() {
  local name=$registry_address/$1 layers=() each
  for each in ${2//,/ }; do
    if [ "$each" = debian ]; then each=$debian; else each=$tools/$each.tar; fi
    layers+=(--new_layer "$each")
  done
  shift 2
  {
    "$tools/crane" append --insecure --platform linux/amd64 "${layers[@]}" --new_tag "$name"
    "$tools/crane" mutate --insecure --set-platform linux/amd64 \
      --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@" --tag "$name" "$name"
  } >"$tools/crane.log" 2>&1 || die "the image ${name#*/} was not made: $(tail -n 1 "$tools/crane.log")"
}

# The names that critest has in its sources.
critest_images() {
  local tests=k8s-staging-cri-tools each
  image e2e-test-images/busybox:1.29-2 busybox --cmd sh
  image e2e-test-images/nginx:1.14-2 debian,nginx --cmd nginx,-g,'daemon off;'
  image e2e-test-images/httpd:2.4.39-4 debian,nginx --cmd httpd-foreground
  image e2e-test-images/nonewprivs:1.3 busybox,nnp --cmd nnp
  image "$tests/hostnet-nginx-amd64:latest" debian,nginx,nginx-12003 --cmd nginx,-g,'daemon off;'
  image $tests/test-image-user-uid:latest busybox --user 1002
  image $tests/test-image-user-username:latest busybox --user www-data
  image $tests/test-image-user-uid-group:latest busybox --user 1003:1003
  image $tests/test-image-user-username-group:latest busybox --user www-data:www-data
  image $tests/test-image-predefined-group:latest busybox,group --user 1000
  for each in test-image-latest:latest test-image-tag:test test-image-tag:all test-image-digest:latest; do
    image $tests/$each busybox --cmd sh
  done
  for each in 1 2 3; do
    image $tests/test-image-$each:latest busybox,test-image-$each --cmd sh
    image $tests/test-image-tags:$each busybox,test-image-1 --cmd sh
  done
  image pause:3.9 agnhost --entrypoint /agnhost --cmd pause
}

# Those that e2e.test says it wants, as far as there is something to stand in for them.
e2e_images() {
  local name
  "$tools/e2e.test" --list-images 2>/dev/null | sed 's/^[^/]*\///' | while read -r name; do
    case $name in
    */agnhost:*) image "$name" debian,agnhost --entrypoint /agnhost --cmd pause ;;
    */busybox:*) image "$name" busybox --cmd sh ;;
    */nonroot:*) image "$name" busybox --user 1234 --cmd sh ;;
    */nonewprivs:*) image "$name" busybox,nnp --cmd nnp ;;
    */nginx:*) image "$name" debian,nginx --cmd nginx,-g,'daemon off;' ;;
    */glibc-dns-testing:* | */ipc-utils:*) image "$name" debian --cmd sh ;;
    pause:*) image "$name" agnhost --entrypoint /agnhost --cmd pause ;;
    esac
  done
}

make_images() {
  [ ! -e "$registry/complete" ] || return 0
  need docker-registry docker-registry
  make_debian
  say "making the tests' images"
  rm -rf "$registry" "$registry_log" && mkdir -p "$registry"
  make_layers
  (registry_serve 127.0.0.1:0 env) &
  local server=$!
  # shellcheck disable=SC2064 # now is when it is known
  trap "kill $server 2>/dev/null || true" EXIT
  until registry_address=$(grep -om1 'listening on 127.0.0.1:[0-9]*' "$registry_log" 2>/dev/null | grep -o '127.*'); do
    kill -0 $server 2>/dev/null || die "the registry ended: $(tail -n 1 "$registry_log")"
    sleep 0.1
  done
  critest_images
  e2e_images
  kill $server && trap - EXIT
  rm -rf "$tools"/*.tar "$stage"
  touch "$registry/complete"
}
