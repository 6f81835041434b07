package platform_test

// withoutCluster connects a service to an API server that isn't there. No service of these specs sends it a request.
func withoutCluster(cfg small) small {
	cfg.Kubernetes.Kubeconfig = "testdata/kubeconfig"
	return cfg
}
