package config

import "slices"

// HTTPKubernetesGroups has the settings of an API that is a client of the Kubernetes API too.
type HTTPKubernetesGroups struct {
	HTTPGroups       `koanf:",squash"`
	KubernetesGroups `koanf:",squash"`
}

func defaultHTTPKubernetes() HTTPKubernetesGroups {
	return HTTPKubernetesGroups{defaultHTTP(), defaultKubernetes()}
}

func (g HTTPKubernetesGroups) problems(p Platform) []Problem {
	return slices.Concat(g.HTTPGroups.problems(p), g.KubernetesGroups.problems(p))
}
