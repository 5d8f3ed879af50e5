module dev.krustlet/testbed/cluster/kubernetes

go 1.26.0
