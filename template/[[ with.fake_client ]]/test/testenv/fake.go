package testenv

import "context"

// fakeKubernetes gives each service an empty FakeCluster, unless the spec has given it a cluster.
type fakeKubernetes struct{}

func (fakeKubernetes) start() {}

func (fakeKubernetes) join(_ context.Context, s *settings) {
	if s.deps.Kubernetes == nil {
		s.deps.Kubernetes = NewFakeCluster()
	}
}
