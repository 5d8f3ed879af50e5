#!/usr/bin/env bash
# What the programs of a cluster are told. To be sourced by up.sh.

name=krustlet
address=172.31.255.1
services=10.96.0
pods=10.244.0

pki=$node/pki

# certificate NAME SUBJECT [NAMES]
certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$pki/$1.key" -subj "$2" 2>/dev/null |
    openssl x509 -req -days 3650 -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -CAcreateserial -out "$pki/$1.crt" \
      -extfile <(echo "subjectAltName=${3:-DNS:$1}") 2>/dev/null
}

write_certificates() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -keyout "$pki/ca.key" \
    -out "$pki/ca.crt" -subj /CN=krustlet-cluster 2>/dev/null
  openssl genrsa -out "$pki/accounts.key" 2048 2>/dev/null
  certificate server /CN=kube-apiserver \
    "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:localhost,IP:127.0.0.1,IP:$address,IP:$services.1"
  certificate kubelet "/O=system:nodes/CN=system:node:$name" "DNS:$name,IP:$address"
  certificate admin /O=system:masters/CN=admin
  certificate front /CN=front
}

write_kubeconfig() {
  cat >"$node/admin.conf" <<YAML
apiVersion: v1
kind: Config
clusters: [{name: here, cluster: {server: "https://$address:6443", certificate-authority: $pki/ca.crt}}]
users: [{name: admin, user: {client-certificate: $pki/admin.crt, client-key: $pki/admin.key}}]
contexts: [{name: here, context: {cluster: here, user: admin}}]
current-context: here
YAML
}

# write_containerd RUNTIME: the one of pods that name none.
write_containerd() {
  cat >"$node/containerd.toml" <<TOML
version = 4
root = "$node/containerd"
state = "$node/run"
[plugins."io.containerd.server.v1.grpc"]
  address = "$node/c.sock"
[plugins."io.containerd.server.v1.ttrpc"]
  address = "$node/c.sock.ttrpc"
[plugins."io.containerd.nri.v1.nri"]
  disable = true
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "localhost/pause:1"
[plugins."io.containerd.cri.v1.images".registry]
  config_path = "$node/registries"
[plugins."io.containerd.cri.v1.runtime"]
  disable_apparmor = true
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["/usr/lib/cni"]
    conf_dir = "$node/cni"
  [plugins."io.containerd.cri.v1.runtime".containerd]
    default_runtime_name = "$1"
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.krustlet]
    runtime_type = "io.containerd.krustlet.v1"
    pod_annotations = ["krustlet.dev/*", "alpha.wasi.krustlet.dev/*"]
    container_annotations = ["krustlet.dev/*", "alpha.wasi.krustlet.dev/*"]
TOML
  printf 'cache_dir = "%s"\nlog_dir = "%s"\n' "$node/cache" "$node/log" >"$node/krustlet.toml"
  # Each pod has a link of its own to the node, so that what services translate is translated back.
  cat >"$node/cni/10-ptp.conflist" <<JSON
{"cniVersion": "1.0.0", "name": "pods", "plugins": [
  {"type": "ptp", "ipMasq": false, "ipam": {"type": "host-local", "dataDir": "$node/ipam",
    "ranges": [[{"subnet": "$pods.0/22"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
JSON
}

write_kubelet() {
  cat >"$node/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $address
authentication: {anonymous: {enabled: false}, x509: {clientCAFile: $pki/ca.crt}}
authorization: {mode: AlwaysAllow}
tlsCertFile: $pki/kubelet.crt
tlsPrivateKeyFile: $pki/kubelet.key
cgroupDriver: cgroupfs
cgroupRoot: /$group
failCgroupV1: false
clusterDNS: [$services.10]
clusterDomain: cluster.local
containerRuntimeEndpoint: unix://$node/c.sock
failSwapOn: false
oomScoreAdj: 0
maxPods: 1000
podLogsDir: $node/logs/pods
evictionHard: {nodefs.available: 1%, imagefs.available: 1%}
imageGCHighThresholdPercent: 100
resolvConf: $node/resolv.conf
YAML
  echo "nameserver $address" >"$node/resolv.conf"
  # The kubelet wants its root's group to be there, in each hierarchy.
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*; do
    [ ! -e "$hierarchy/cgroup.procs" ] || mkdir -p "$hierarchy/$group"
  done
  cpus=/sys/fs/cgroup/cpuset
  for file in cpus mems; do
    [ ! -e $cpus/cpuset.$file ] || cat $cpus/cpuset.$file >$cpus/"$group"/cpuset.$file
  done
}

write_proxy() {
  cat >"$node/proxy.yaml" <<YAML
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: $node/admin.conf}
clusterCIDR: $pods.0/22
hostnameOverride: $name
mode: iptables
oomScoreAdj: 0
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
YAML
}

# The name server is a program of the node, behind a service without pods.
write_dns() {
  cat >"$node/Corefile" <<COREFILE
.:53 {
  errors
  ready
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    kubeconfig $node/admin.conf here
  }
  cache 5
}
COREFILE
  cat >"$node/dns.yaml" <<YAML
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec:
  clusterIP: $services.10
  ports: [{name: dns, port: 53, protocol: UDP}, {name: dns-tcp, port: 53, protocol: TCP}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: kube-dns, namespace: kube-system, labels: {kubernetes.io/service-name: kube-dns}}
addressType: IPv4
ports: [{name: dns, port: 53, protocol: UDP}, {name: dns-tcp, port: 53, protocol: TCP}]
endpoints: [{addresses: [$address]}]
YAML
}

# So is the server of what nodes and pods use.
write_metrics() {
  cat >"$node/metrics.yaml" <<YAML
apiVersion: v1
kind: Service
metadata: {name: metrics-server, namespace: kube-system}
spec:
  ports: [{port: 443, targetPort: 4443}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: metrics-server, namespace: kube-system, labels: {kubernetes.io/service-name: metrics-server}}
addressType: IPv4
ports: [{port: 4443}]
endpoints: [{addresses: [$address]}]
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io}
spec:
  service: {name: metrics-server, namespace: kube-system}
  group: metrics.k8s.io
  version: v1beta1
  groupPriorityMinimum: 100
  versionPriority: 100
  insecureSkipTLSVerify: true
YAML
}

# write_configs RUNTIME
write_configs() {
  write_certificates
  write_kubeconfig
  write_containerd "$1"
  write_kubelet
  write_proxy
  write_dns
  write_metrics
}

apiserver=(
  --etcd-servers=http://127.0.0.1:2379 --advertise-address=$address --bind-address=$address --secure-port=6443
  --service-cluster-ip-range=$services.0/24 --allow-privileged --authorization-mode=RBAC
  --client-ca-file="$pki/ca.crt" --tls-cert-file="$pki/server.crt" --tls-private-key-file="$pki/server.key"
  --kubelet-client-certificate="$pki/admin.crt" --kubelet-client-key="$pki/admin.key"
  --kubelet-certificate-authority="$pki/ca.crt" --kubelet-preferred-address-types=InternalIP
  --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$pki/accounts.key"
  --service-account-signing-key-file="$pki/accounts.key"
  --requestheader-client-ca-file="$pki/ca.crt" --requestheader-allowed-names=front
  --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group
  --proxy-client-cert-file="$pki/front.crt" --proxy-client-key-file="$pki/front.key"
)
controllers=(
  --kubeconfig="$node/admin.conf" --leader-elect=false --root-ca-file="$pki/ca.crt"
  --service-account-private-key-file="$pki/accounts.key" --use-service-account-credentials
  --cluster-signing-cert-file="$pki/ca.crt" --cluster-signing-key-file="$pki/ca.key"
  --horizontal-pod-autoscaler-cpu-initialization-period=10s --horizontal-pod-autoscaler-initial-readiness-delay=5s
)
metrics=(
  --kubeconfig="$node/admin.conf" --authentication-kubeconfig="$node/admin.conf"
  --authorization-kubeconfig="$node/admin.conf" --bind-address=$address --secure-port=4443
  --tls-cert-file="$pki/server.crt" --tls-private-key-file="$pki/server.key"
  --metric-resolution=10s --kubelet-request-timeout=5s
  --kubelet-certificate-authority="$pki/ca.crt" --kubelet-client-certificate="$pki/admin.crt"
  --kubelet-client-key="$pki/admin.key" --kubelet-preferred-address-types=InternalIP
)
kubelet=(
  --config="$node/kubelet.yaml" --kubeconfig="$node/admin.conf" --hostname-override=$name --node-ip=$address
  --root-dir="$node/kubelet" --cert-dir="$pki/kubelet"
)
