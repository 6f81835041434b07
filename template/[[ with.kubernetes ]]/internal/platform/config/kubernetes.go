package config

// Kubernetes says how to reach the API server. In a pod nothing needs to be said.
type Kubernetes struct {
	Kubeconfig string `koanf:"kubeconfig" usage:"file to connect with; KUBECONFIG, ~/.kube/config or the pod's account if empty"`
	Context    string `koanf:"context" usage:"context of that file; its current one if empty"`
	Namespace  string `koanf:"namespace" usage:"namespace to work in; the pod's or the context's if empty"`
	QPS        int    `koanf:"qps" usage:"requests to the API server in a second, on average"`
	Burst      int    `koanf:"burst" usage:"requests to the API server at once"`
}

func defaultKubernetes() Kubernetes {
	return Kubernetes{QPS: 100, Burst: 200}
}

func (k Kubernetes) problems() []Problem {
	problems := Between("kubernetes.qps", k.QPS, 1, 100_000)
	return append(problems, Between("kubernetes.burst", k.Burst, 1, 100_000)...)
}
