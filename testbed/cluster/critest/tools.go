//go:build tools

// Package critest names what critest is built of, and crane, which makes the images of its tests.
// critest itself is a package of tests alone, sigs.k8s.io/cri-tools/cmd/critest, and no package can import it.
package critest

import (
	_ "github.com/google/go-containerregistry/cmd/crane"
	_ "sigs.k8s.io/cri-tools/pkg/benchmark"
	_ "sigs.k8s.io/cri-tools/pkg/framework"
	_ "sigs.k8s.io/cri-tools/pkg/validate"
)
