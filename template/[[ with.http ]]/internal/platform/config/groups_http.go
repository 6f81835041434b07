package config

import (
	"regexp"
	"slices"
	"time"
)

// HTTPGroups has the settings of an API.
type HTTPGroups struct {
	Server struct {
		Port              int           `koanf:"port" min:"0" max:"65535" usage:"port of the API"`
		ReadTimeout       time.Duration `koanf:"readTimeout" usage:"time to read a request with its body"`
		ReadHeaderTimeout time.Duration `koanf:"readHeaderTimeout" usage:"time to read a request's header"`
		WriteTimeout      time.Duration `koanf:"writeTimeout" usage:"time from the end of the header to the end of the response"`
		IdleTimeout       time.Duration `koanf:"idleTimeout" usage:"time that an idle connection stays open"`
		BodyLimit         Bytes         `koanf:"bodyLimit" min:"16KiB" max:"1GiB" usage:"largest body of a request"`
		InFlight          Bytes         `koanf:"inFlight" min:"bodyLimit" usage:"bytes of all requests in progress, each at least 16KiB; 503 beyond"`
	} `koanf:"server"`
	Auth Auth `koanf:"auth"`
}

// Auth says how callers prove who they are.
type Auth struct {
	Mode      string `koanf:"mode" oneof:"off|token" usage:"off or token"`
	Token     string `koanf:"token" secret:"true" usage:"bearer token that callers must send"`
	TokenFile string `koanf:"tokenFile" usage:"file that holds the bearer token"`
}

// bearerToken is what an Authorization header can carry (RFC 6750, section 2.1).
var bearerToken = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)

func defaultHTTP() (g HTTPGroups) {
	g.Server.Port, g.Server.BodyLimit, g.Server.InFlight = 8080, 1*MiB, 32*MiB
	g.Server.ReadTimeout, g.Server.ReadHeaderTimeout = 30*time.Second, 5*time.Second
	g.Server.WriteTimeout, g.Server.IdleTimeout = 60*time.Second, 120*time.Second
	g.Auth.Mode = "off"
	return g
}

func (g HTTPGroups) problems(p Platform) []Problem {
	return slices.Concat(
		free("server.port", g.Server.Port, p.Health.Port, p.Metrics.Port),
		Require(g.Auth.Mode != "token" || bearerToken.MatchString(g.Auth.Token), "auth.token", g.Auth.Token,
			"a bearer token of letters, digits and -._~+/ (= at the end), because auth.mode is token"),
	)
}
