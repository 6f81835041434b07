package config

// KubernetesGroups has the settings of a client of the Kubernetes API.
type KubernetesGroups struct {
	Kubernetes Kubernetes `koanf:"kubernetes"`
}

// Kubernetes says how to reach the API server. In a pod nothing needs to be set.
type Kubernetes struct {
	Kubeconfig string `koanf:"kubeconfig" usage:"file to connect with; KUBECONFIG, ~/.kube/config or the pod's account if empty"`
	Context    string `koanf:"context" usage:"context of that file; its current one if empty"`
	Namespace  string `koanf:"namespace" usage:"namespace to work in; the pod's or the context's if empty"`
	QPS        int    `koanf:"qps" min:"0" max:"100000" usage:"average requests per second to the API server; 0 for no limit of this client"`
	Burst      int    `koanf:"burst" min:"1" max:"100000" usage:"requests to the API server at once"`
}

func defaultKubernetes() KubernetesGroups {
	return KubernetesGroups{Kubernetes: Kubernetes{Burst: 200}} // the API server limits its clients itself
}

func (KubernetesGroups) problems(Platform) []Problem { return nil }
